"""Pieces of Python text that know their axes."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sympy import Symbol

from symformer.compile.arrays import Axes, CompileError

COMPARE, SUM, PRODUCT, UNARY, POWER, ATOM = range(6)


class Code(NamedTuple):
    """Python text, how tightly it holds together, its axes, and whether it may have batch axes in front.

    `call` is the same as a function of NumPy that takes `out`, and its arguments.
    """

    text: str
    level: int
    axes: Axes
    batched: bool
    call: tuple[str, tuple[str, ...]] | None = None

    def at(self, level: int) -> str:
        """The text, in brackets where the place asks for more."""
        return f"({self.text})" if self.level < level else self.text


def aligned(code: Code, want: Axes) -> Code:
    """The code with its axes in the order of `want`, with new axes of length 1 where it has none.

    Leading new axes are left to broadcasting where there are no batch axes in front of them.

    Raises:
        CompileError: it has an axis that is not wanted.
    """
    if set(code.axes) - set(want):
        raise CompileError(
            f"{code.text} depends on {', '.join(map(str, set(code.axes) - set(want)))}, its place does not"
        )
    order = tuple(letter for letter in want if letter in code.axes)
    if order != code.axes:
        code = _transposed(code, order)
    slots = [":" if letter in code.axes else "None" for letter in want]
    if not code.batched:
        while slots and slots[0] == "None":
            slots.pop(0)
    if "None" not in slots:
        return code if code.axes == want else code._replace(axes=want)
    while slots and slots[0] == ":":
        slots.pop(0)
    text = f"{code.at(ATOM)}[..., {', '.join(slots)}]"
    return Code(text, ATOM, want, code.batched)


def _transposed(code: Code, order: Axes) -> Code:
    if len(order) == 2:
        return Code(f"{code.at(ATOM)}.mT", ATOM, order, code.batched)
    names = einsum_letters(code.axes)
    spec = f"...{names(code.axes)}->...{names(order)}"
    return Code(f'np.einsum("{spec}", {code.text})', ATOM, order, code.batched)


def einsum_letters(axes: Axes) -> Callable[[Axes], str]:
    """One einsum letter for each index letter: its own where that is one character and free."""
    chosen: dict[Symbol, str] = {}
    spare = iter("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    for letter in axes:
        own = letter.name
        chosen[letter] = own if len(own) == 1 and own.isascii() and own not in chosen.values() else ""
    for letter, name in chosen.items():
        chosen[letter] = name or next(free for free in spare if free not in chosen.values())
    return lambda some: "".join(chosen[letter] for letter in some)
