"""The NumPy expression of each array operation, from the expressions of its parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from symformer.compile.arrays import (
    Array,
    Axes,
    Balance,
    Before,
    Contract,
    Count,
    Deposit,
    InOrder,
    InRange,
    Load,
    Map,
    Number,
    Ones,
    PlaceAdd,
    Reduce,
    RowDot,
    RunningProduct,
    RunningSum,
    Scatter,
    SeenContract,
    SeenRowDot,
    Squares,
    Take,
)
from symformer.compile.emission.code import ATOM, COMPARE, PRODUCT, SUM, UNARY, Code, aligned, einsum_letters
from symformer.compile.emission.contractions import contraction

INFIX = {
    "add": ("+", SUM), "subtract": ("-", SUM), "multiply": ("*", PRODUCT), "divide": ("/", PRODUCT),
    "equal": ("==", COMPARE), "not_equal": ("!=", COMPARE), "less_equal": ("<=", COMPARE), "less": ("<", COMPARE),
    "greater_equal": (">=", COMPARE), "greater": (">", COMPARE),
}  # fmt: skip
KERNELS = ("erf", "normal_cdf", "inside", "tanh_slope", "sigmoid_slope")
WITH_OUT = ("damped", "from_max", "zero_times", "zero_wins")  # kernels that take `out` as functions of NumPy do


def emit(node: Array, axes: Axes) -> str:
    """The NumPy expression of a node, its axes in this order."""
    return aligned(whole(node), axes).text


def whole(node: Array) -> Code:
    """The expression of a node and all below it."""
    return put_together(node, [whole(kid) for kid in node.kids])


def put_together(node: Array, kids: Sequence[Code]) -> Code:
    """The expression of a node over the expressions of its parts."""
    return _EMIT[type(node)](node, kids)


def lined_up(node: Map, kids: Sequence[Code]) -> list[Code]:
    """The parts of an elementwise operation with the axes of its result; plain numbers stay as they are."""
    return [kid if isinstance(part, Number) else aligned(kid, node.axes)
            for part, kid in zip(node.parts, kids, strict=True)]  # fmt: skip


def _map(node: Map, kids: Sequence[Code]) -> Code:
    parts = lined_up(node, kids)
    batched = any(part.batched for part in parts)
    if node.name in INFIX:
        sign, level = INFIX[node.name]
        left, right = parts[0].at(level + (level == COMPARE)), parts[1].at(level + 1)  # a == b < 1 would be a chain
        return Code(f"{left} {sign} {right}", level, node.axes, batched, _call(node, parts))
    if node.name in ("real", "precise"):
        kind = "real" if node.name == "real" else "np.float64"
        return Code(f"{parts[0].at(ATOM)}.astype({kind})", ATOM, node.axes, batched)
    if node.name == "where":
        return Code(f"np.where({', '.join(part.text for part in parts)})", ATOM, node.axes, batched)
    if node.name == "identity":
        return Code(parts[0].text, parts[0].level, node.axes, batched)
    if node.name == "negative":
        return Code(f"-{parts[0].at(UNARY)}", UNARY, node.axes, batched, _call(node, parts))
    if node.name in ("hide", "select"):
        rest = "-np.inf" if node.name == "hide" else "0"
        return Code(f"np.where({parts[1].text}, {parts[0].text}, {rest})", ATOM, node.axes, batched)
    home, call = ("", None) if node.name in KERNELS else (called(node.name), _call(node, parts))
    return Code(f"{home}{node.name}({', '.join(part.text for part in parts)})", ATOM, node.axes, batched, call)


def called(name: str) -> str:
    """Where the function of an elementwise operation is: among the kernels, or in NumPy."""
    return "" if name in WITH_OUT else "np."


def _call(node: Map, parts: Sequence[Code]) -> tuple[str, tuple[str, ...]]:
    return f"{called(node.name)}{node.name}", tuple(part.text for part in parts)


def _reduce(node: Reduce, kids: Sequence[Code]) -> Code:
    (part,) = kids
    if node.name == "max":
        return Code(f"finite_max({aligned(part, (*node.axes, node.over)).text})", ATOM, node.axes, part.batched)
    if isinstance(node.part, Map) and node.part.name == "square" and part.call is not None:
        squared = Code(part.call[1][0], COMPARE, part.axes, part.batched)
        return _squares(Squares(node.axes, node.part.parts[0], node.over), [squared])
    if node.name == "argmax":
        return Code(f"np.argmax({aligned(part, (*node.axes, node.over)).text}, axis=-1)", ATOM, node.axes, part.batched)
    axis = part.axes.index(node.over) - len(part.axes)
    left = tuple(letter for letter in part.axes if letter != node.over)
    return Code(f"np.{node.name}({part.text}, axis={axis})", ATOM, left, part.batched)


def _row_dot(node: RowDot, kids: Sequence[Code]) -> Code:
    one, two = kids[0], aligned(kids[1], kids[0].axes)
    left = tuple(letter for letter in one.axes if letter != node.over)
    batched = one.batched or two.batched
    if one.axes[-1] == node.over:
        return Code(f"np.vecdot({one.text}, {two.text})", ATOM, left, batched)
    names = einsum_letters(one.axes)
    dots = "..." * batched
    spec = f"{dots}{names(one.axes)},{dots}{names(one.axes)}->{dots}{names(left)}"
    return Code(f'np.einsum("{spec}", {one.text}, {two.text})', ATOM, left, batched)


def _contract(node: Contract, kids: Sequence[Code]) -> Code:
    code = contraction(kids, node.over, node.axes)
    return code._replace(call=None) if code.call is not None and code.call[0] == "contract" else code


def _seen_contract(node: SeenContract, kids: Sequence[Code]) -> Code:
    """A matrix product that looks at its second factor."""
    code = contraction(kids, node.over, node.axes)
    if code.call is not None and code.call[0] == "contract":
        return code._replace(text=f"contract({', '.join(code.call[1])}, seen=True)", call=None)
    if code.call is None:
        return code
    first, second = code.call[1]
    if node.axes[-1] in kids[0].axes:  # the product of the transposes
        return Code(f"seen_matmul({first}, {second}, turned=True)", ATOM, node.axes, code.batched)
    text = f"seen_matmul({first}, {second})"
    return Code(text, ATOM, node.axes, code.batched, ("seen_matmul", (first, second)))


def _seen_row_dot(node: SeenRowDot, kids: Sequence[Code]) -> Code:
    left = tuple(letter for letter in kids[0].axes if letter != node.over)
    one, two = (aligned(kid, (*left, node.over)) for kid in kids)
    return Code(f"seen_dot({one.text}, {two.text})", ATOM, left, one.batched or two.batched)


def _running_sum(node: RunningSum, kids: Sequence[Code]) -> Code:
    (part,) = kids
    left = tuple(node.along if letter == node.over else letter for letter in part.axes)
    axis = left.index(node.along) - len(left)
    return Code(f"running_sum({part.text}, {axis}{_ends(node)})", ATOM, left, part.batched)


def _running_product(node: RunningProduct, kids: Sequence[Code]) -> Code:
    *lead, _, wide = node.axes
    shared = next(letter for letter in node.parts[0].axes if letter not in node.axes)
    axes = ((*lead, node.along, shared), (*lead, node.over, shared), (*lead, node.over, wide))
    texts = [aligned(kid, own).text for kid, own in zip(kids, axes, strict=True)]
    batched = any(kid.batched for kid in kids)
    return Code(f"running_product({', '.join(texts)}{_ends(node)})", ATOM, node.axes, batched)


def _ends(node: RunningSum | RunningProduct) -> str:
    return ", back=True" * node.back + ", strict=True" * node.strict


def _before(node: Before, kids: Sequence[Code]) -> Code:
    left = (*(letter for letter in kids[0].axes if letter != node.along), node.along)
    falling = ", falling=True" * node.falling
    return Code(f"count_before({aligned(kids[0], left).text}{falling})", ATOM, left, kids[0].batched)


def _in_order(node: InOrder, kids: Sequence[Code]) -> Code:
    rest = tuple(letter for letter in kids[0].axes if letter != node.over)
    text = f"np.argsort({aligned(kids[0], (*rest, node.over)).text}, axis=-1)"
    return Code(text, ATOM, (*rest, node.along), kids[0].batched)


def _take(node: Take, kids: Sequence[Code]) -> Code:
    """From a table whose first axis is chosen, or along a row of the table that has the positions' own axes."""
    table, positions = kids
    rest = tuple(letter for letter in table.axes if letter != node.along)
    chosen = not isinstance(node.positions, Number)
    if chosen and not table.batched and table.axes[0] == node.along and not set(rest) & set(positions.axes):
        return Code(f"{table.at(ATOM)}[{positions.text}]", ATOM, (*positions.axes, *rest), positions.batched)
    if isinstance(node.positions, Number):
        rows = aligned(table, (*rest, node.along))
        return Code(f"{rows.at(ATOM)}[..., {positions.text}]", ATOM, rest, table.batched)
    letters = (*positions.axes, *(letter for letter in rest if letter not in positions.axes))
    rows = aligned(table, (*letters, node.along))
    return Code(f"pick({rows.text}, {aligned(positions, letters).text})", ATOM, letters, True)


def _scatter(node: Scatter, kids: Sequence[Code]) -> Code:
    rows, positions = aligned(kids[0], (node.over, *node.axes[1:])), kids[1]
    return Code(f"scatter_add({rows.text}, {positions.text}, {node.size})", ATOM, node.axes, False)


def _deposit(node: Deposit, kids: Sequence[Code]) -> Code:
    """Values and positions lined up: shared letters, letters that are summed over, the letters of the values alone."""
    values, positions = kids
    shared = tuple(letter for letter in positions.axes if letter in node.axes)
    summed = tuple(letter for letter in positions.axes if letter not in node.axes)
    rest = tuple(letter for letter in values.axes if letter not in positions.axes)
    lined = aligned(values, (*shared, *summed, *rest)).text, aligned(positions, (*shared, *summed)).text
    told = ", all_inside=True" * node.all_inside
    text = f"deposit({lined[0]}, {lined[1]}, {node.size}, {len(summed)}, {len(rest)}{told})"
    return Code(text, ATOM, (*shared, node.along, *rest), values.batched or positions.batched)


def _place_add(node: PlaceAdd, kids: Sequence[Code]) -> Code:
    """The arguments of `add_at` behind the array."""
    return Code(f"{kids[1].text}, {kids[0].text}", ATOM, node.axes, False)


def _squares(node: Squares, kids: Sequence[Code]) -> Code:
    (part,) = kids
    left = tuple(letter for letter in part.axes if letter != node.over)
    axis = part.axes.index(node.over) - len(part.axes)
    along = f", axis={axis}" if axis != -1 else ""
    return Code(f"squares({part.text}{along})", ATOM, left, part.batched)


def _in_range(node: InRange | Balance, kids: Sequence[Code]) -> Code:
    """The arguments of `out_of_range`, or behind the array those of `balance`."""
    return Code(", ".join(kid.text for kid in kids), ATOM, node.axes, False)


def _count(node: Count, kids: Sequence[Code]) -> Code:
    span = f"1, {node.size} + 1" if node.start else node.size
    return Code(f"np.arange({span}){node.part}", ATOM, node.axes, False)


def _number(node: Number, kids: Sequence[Code]) -> Code:
    simple = node.code.startswith("math.") or not any(sign in node.code for sign in " -")
    return Code(node.code, ATOM if simple or node.code.startswith("(") else SUM, (), False)


_EMIT: dict[type, Callable[[Any, Sequence[Code]], Code]] = {
    Number: _number,
    Load: lambda node, kids: Code(node.name, ATOM, node.axes, node.batched),
    Count: _count,
    Ones: lambda node, kids: Code(f"np.ones({node.size}, dtype=bool){node.part}", ATOM, node.axes, False),
    Map: _map,
    Reduce: _reduce,
    Contract: _contract,
    Take: _take,
    RunningSum: _running_sum,
    RunningProduct: _running_product,
    Before: _before,
    InOrder: _in_order,
    PlaceAdd: _place_add,
    InRange: _in_range,
    Balance: _in_range,
    Squares: _squares,
    RowDot: _row_dot,
    SeenContract: _seen_contract,
    SeenRowDot: _seen_row_dot,
    Scatter: _scatter,
    Deposit: _deposit,
}
