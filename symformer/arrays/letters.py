"""Letters for axes, as the book chooses them: by the size that an index runs to, and never one that is in use.

Rows are i and j, keys j, features c, values f, heads h, a second axis of one size the next letter of its row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sympy import Expr, Symbol

from symformer.notation import indices

ROWS: dict[str, str] = {
    "n": "ijkl", "m": "jkli", "t": "ijkl", "s": "jkli", "l": "ijkl", "L": "ijkl", "T": "ijkl", "S": "jkli", "N": "ijkl",
    "d": "cabp", "e": "fgab", "f": "fpqg", "k": "cpab", "p": "pqcu", "r": "rqpu", "H": "huab", "h": "huab",
    "G": "guab", "g": "guab", "B": "bgu", "b": "bgu", "V": "vw", "v": "vw", "C": "vwl", "E": "xyz",
}  # fmt: skip
NUMBER = "trsu"
SPARE = "ijkcabfphguvwlrqtsxyz"


class Letters:
    """Letters for a program in which these names mean something else."""

    def __init__(self, taken: Iterable[str]) -> None:
        self.taken = frozenset(taken)

    def choose(self, sizes: Iterable[Expr], used: Collection[str] = ()) -> tuple[Symbol, ...]:
        """One letter for each size, all different and none of those used."""
        found: list[str] = []
        for size in sizes:
            found.append(self.letter(size, {*used, *found}))
        return tuple(indices(letter) for letter in found)

    def letter(self, size: Expr, used: Collection[str] = ()) -> str:
        """A letter for an index of this size."""
        wanted = NUMBER if size.is_number else ROWS.get(_stem(size), "")
        for letter in (*wanted, *SPARE):
            if letter not in used and letter not in self.taken:
                return letter
        return next(name for name in map("i_{}".format, range(100)) if name not in used and name not in self.taken)


def _stem(size: Expr) -> str:
    """The first letter of the first symbol of a size."""
    names = sorted(symbol.name for symbol in size.free_symbols)
    return names[0][:1] if names else ""
