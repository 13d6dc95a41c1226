"""`python -m symformer.compile`: writes `symformer/functions` and `symformer/native` anew from `symformer/ops`."""

from pathlib import Path

from symformer.compile.modules import write_functions, written_anew
from symformer.compile.native import native_modules

if __name__ == "__main__":
    package = Path(__file__).resolve().parent.parent
    changed = [*write_functions(package / "functions"), *written_anew(package / "native", native_modules())]
    print("changed: " + (", ".join(changed) or "nothing"))
