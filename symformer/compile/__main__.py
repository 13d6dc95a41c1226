"""`python -m symformer.compile`: writes `symformer/functions` anew from the programs in `symformer/ops`."""

from pathlib import Path

from symformer.compile.modules import write_functions

if __name__ == "__main__":
    changed = write_functions(Path(__file__).resolve().parent.parent / "functions")
    print("changed: " + (", ".join(changed) or "nothing"))
