"""A derivation to start from: it builds, and every part of it says what it is for."""

from __future__ import annotations

import keyword
from pathlib import Path

from symformer.book.library import UnknownName
from symformer.system import write_new

TEMPLATE = '''"""{title}.

Say here in two sentences what is derived and why it matters. This text opens the page; the first line is its title.
"""

from symformer import Derivation, define, exp, indices, sizes, sum, tensor

# Sizes are positive integers, indices run over them from 1, tensors are the inputs.
n = sizes("n")
i, k = indices("i k")
x = tensor("x", n)

# Definitions, each of which may use those before it: a name, its indices, a formula.
Z = define("Z", (), sum(exp(x[k]), k))
s = define("s", i, exp(x[i]) / Z[()])

derivation = Derivation(
    __doc__,
    given=(x,),
    where=(Z, s),
    # The chain: each line with its reason. The machine judges whether it follows from the line before.
    calc=(
        (sum(s[i], i), "the sum of all probabilities"),
        (sum(exp(x[i]), i) / Z[()], "definition of s; factor 1/Z out of the sum, since Z does not depend on i"),
        (1, "the sum is Z"),
    ),
    reference="Where the result stands in the literature.",
    # Numbers for the worked example, by the name of what is given.
    example={{"x": [1, 2, 3]}},
)
'''


def write_template(path: Path) -> None:
    """Writes a derivation that builds, and makes the folder that it is in.

    Raises:
        UnknownName: the name is taken, or is none that a folder of derivations can have.
        OSError: the file cannot be written.
    """
    if path.suffix != ".py" or not path.stem.isidentifier() or keyword.iskeyword(path.stem):
        raise UnknownName(f"{path}: expected a file name such as softmax_entropy.py")
    if path.stem == "contents" or path.stem.startswith("_"):
        raise UnknownName(f"{path}: {path.stem} is no name for a derivation: contents.py is the table of contents")
    if path.exists():
        raise UnknownName(f"{path}: exists already; nothing was written")
    path.parent.mkdir(parents=True, exist_ok=True)
    title = path.stem.replace("_", " ").strip().capitalize()
    write_new(path, TEMPLATE.format(title=title))
