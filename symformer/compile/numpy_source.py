"""Array operations to NumPy source: one expression a definition, axes lined up by letters, readable."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from sympy import Symbol

from symformer.compile.arrays import (
    Array,
    Axes,
    CompileError,
    Contract,
    Count,
    Load,
    Map,
    Number,
    Ones,
    Reduce,
    Take,
)

COMPARE, SUM, PRODUCT, UNARY, POWER, ATOM = range(6)

INFIX = {
    "add": ("+", SUM), "subtract": ("-", SUM), "multiply": ("*", PRODUCT), "divide": ("/", PRODUCT),
    "equal": ("==", COMPARE), "not_equal": ("!=", COMPARE), "less_equal": ("<=", COMPARE), "less": ("<", COMPARE),
    "greater_equal": (">=", COMPARE), "greater": (">", COMPARE),
}  # fmt: skip


KERNELS = ("erf", "normal_cdf")


class Code(NamedTuple):
    """Python text, how tightly it holds together, its axes, and whether it may have batch axes in front."""

    text: str
    level: int
    axes: Axes
    batched: bool

    def at(self, level: int) -> str:
        """The text, in brackets where the place asks for more."""
        return f"({self.text})" if self.level < level else self.text


def emit(node: Array, axes: Axes) -> str:
    """The NumPy expression of a node, its axes in this order."""
    return aligned(_code(node), axes).text


def _code(node: Array) -> Code:
    return _EMIT[type(node)](node)


def aligned(code: Code, want: Axes) -> Code:
    """The code with its axes in the order of `want`, with new axes of length 1 where it has none.

    Leading new axes are left to broadcasting where there are no batch axes in front of them.
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
        return code._replace(axes=want)
    while slots and slots[0] == ":":
        slots.pop(0)
    text = f"{code.at(ATOM)}[..., {', '.join(slots)}]"
    return Code(text, ATOM, want, code.batched)


def _transposed(code: Code, order: Axes) -> Code:
    if len(order) == 2:
        return Code(f"{code.at(ATOM)}.mT", ATOM, order, code.batched)
    names = _letters(code.axes)
    spec = f"...{names(code.axes)}->...{names(order)}"
    return Code(f'np.einsum("{spec}", {code.text})', ATOM, order, code.batched)


def _map(node: Map) -> Code:
    parts = [aligned(_code(part), node.axes) if part.axes or not isinstance(part, Number) else _code(part)
             for part in node.parts]  # fmt: skip
    batched = any(part.batched for part in parts)
    if node.name in INFIX:
        sign, level = INFIX[node.name]
        left, right = parts[0].at(level), parts[1].at(level + 1)
        return Code(f"{left} {sign} {right}", level, node.axes, batched)
    if node.name in ("real", "precise"):
        kind = "real" if node.name == "real" else "np.float64"
        return Code(f"{parts[0].at(ATOM)}.astype({kind})", ATOM, node.axes, batched)
    if node.name == "negative":
        return Code(f"-{parts[0].at(UNARY)}", UNARY, node.axes, batched)
    if node.name == "hide":
        return Code(f"np.where({parts[1].text}, {parts[0].text}, -np.inf)", ATOM, node.axes, batched)
    if node.name == "select":
        return Code(f"np.where({parts[1].text}, {parts[0].text}, 0)", ATOM, node.axes, batched)
    home = "" if node.name in KERNELS else "np."
    return Code(f"{home}{node.name}({', '.join(part.text for part in parts)})", ATOM, node.axes, batched)


def _reduce(node: Reduce) -> Code:
    code = aligned(_code(node.part), (*node.axes, node.over))
    if node.name == "max":
        return Code(f"finite_max({code.text})", ATOM, node.axes, code.batched)
    return Code(f"np.sum({code.text}, axis=-1)", ATOM, node.axes, code.batched)


def _contract(node: Contract) -> Code:
    parts = [_code(part) for part in node.parts]
    if len(parts) == 2 and len(node.over) == 1:
        product = _matmul(parts[0], parts[1], node.over[0], node.axes)
        if product is not None:
            return product
    names = _letters(tuple(dict.fromkeys(letter for part in parts for letter in part.axes)))
    inputs = ",".join("..." + names(part.axes) for part in parts)
    text = f'np.einsum("{inputs}->...{names(node.axes)}", {", ".join(part.text for part in parts)})'
    return Code(text, ATOM, node.axes, any(part.batched for part in parts))


def _matmul(left: Code, right: Code, over: Symbol, axes: Axes) -> Code | None:
    """A matrix product, where the letters allow it: both carry `over`, and what they share else leads in both."""
    rows = [letter for letter in left.axes if letter != over and letter not in right.axes]
    columns = [letter for letter in right.axes if letter != over and letter not in left.axes]
    shared = [letter for letter in left.axes if letter != over and letter in right.axes]
    if over not in left.axes or over not in right.axes or len(rows) > 1 or len(columns) > 1:
        return None
    if tuple(axes) == (*shared, *columns, *rows) and rows and columns:
        return _matmul(right, left, over, axes)
    if tuple(axes) != (*shared, *rows, *columns) or not (rows or columns):
        return None
    return _product(left, right, (shared, rows, columns), over, axes)


def _product(left: Code, right: Code, letters: tuple[list[Symbol], ...], over: Symbol, axes: Axes) -> Code:
    shared, rows, columns = letters
    batched = left.batched or right.batched
    one = aligned(left, (*shared, *rows, over)).at(PRODUCT)
    two = aligned(right, (*shared, over, *columns)).at(UNARY)
    if rows and columns:
        return Code(f"{one} @ {two}", PRODUCT, axes, batched)
    if rows:
        return Code(f"({one} @ {aligned(right, (*shared, over)).at(ATOM)}[..., None])[..., 0]", ATOM, axes, batched)
    if not right.batched and not shared:
        return Code(f"{one} @ {two}", PRODUCT, axes, batched)
    return Code(f"({aligned(left, (*shared, over)).at(ATOM)}[..., None, :] @ {two})[..., 0, :]", ATOM, axes, batched)


def _take(node: Take) -> Code:
    """From a table whose first axis is chosen, or along a row of the table that has the positions' own axes."""
    table, positions = _code(node.table), _code(node.positions)
    rest = tuple(letter for letter in table.axes if letter != node.along)
    chosen = not isinstance(node.positions, Number)
    if chosen and not table.batched and table.axes[0] == node.along and not set(rest) & set(positions.axes):
        return Code(f"{table.at(ATOM)}[{positions.text}]", ATOM, (*positions.axes, *rest), True)
    if isinstance(node.positions, Number):
        rows = aligned(table, (*rest, node.along))
        return Code(f"{rows.at(ATOM)}[..., {positions.text}]", ATOM, rest, table.batched)
    letters = (*positions.axes, *(letter for letter in rest if letter not in positions.axes))
    rows = aligned(table, (*letters, node.along))
    return Code(f"pick({rows.text}, {aligned(positions, letters).text})", ATOM, letters, True)


def _count(node: Count) -> Code:
    span = f"1, {node.size} + 1" if node.start else node.size
    return Code(f"np.arange({span})", ATOM, node.axes, False)


def _letters(axes: Axes) -> Callable[[Axes], str]:
    """One einsum letter for each index letter: its own where that is one character and free."""
    chosen: dict[Symbol, str] = {}
    spare = iter("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    for letter in axes:
        own = letter.name
        chosen[letter] = own if len(own) == 1 and own.isascii() and own not in chosen.values() else ""
    for letter, name in chosen.items():
        chosen[letter] = name or next(free for free in spare if free not in chosen.values())
    return lambda some: "".join(chosen[letter] for letter in some)


def _number(node: Number) -> Code:
    simple = node.code.startswith("math.") or not any(sign in node.code for sign in " -")
    return Code(node.code, ATOM if simple or node.code.startswith("(") else SUM, (), False)


_EMIT: dict[type, Callable[[Any], Code]] = {
    Number: _number,
    Load: lambda node: Code(node.name, ATOM, node.axes, node.batched),
    Count: _count,
    Ones: lambda node: Code(f"np.ones({node.size}, dtype=bool)", ATOM, node.axes, False),
    Map: _map,
    Reduce: _reduce,
    Contract: _contract,
    Take: _take,
}
