"""Array operations to expressions of an array library: no array is changed, and none has a place to go.

Axes are known by their letters; batch axes lead and broadcast. What an array holds, booleans, whole numbers or real
ones, is known too, as libraries of the standard mix none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from symformer.compile.arrays import (
    Array,
    Axes,
    CompileError,
    Contract,
    Count,
    Deposit,
    Load,
    Map,
    Number,
    Ones,
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
from symformer.compile.emission.code import ATOM, COMPARE, POWER, PRODUCT, SUM, UNARY, Code, einsum_letters
from symformer.compile.emission.nodes import INFIX
from symformer.compile.lowering.context import LOGIC, RELATION, is_bits
from symformer.compile.targets.dialect import Dialect

SIGNS = {"logical_and": "&", "logical_or": "|"}
WHOLE = {**INFIX, "remainder": ("%", PRODUCT), "floor_divide": ("//", PRODUCT), "power": ("**", POWER)}
OF_ANYTHING = ("select", "where", "inside", "real", "precise", "hide", *LOGIC)  # no parts are made real for these
HELPERS = {"maximum": "larger_of", "minimum": "smaller_of"}  # names that tensors may well have
KEEPS_KIND = ("add", "subtract", "multiply", "negative", "abs", "sign", "square", "maximum", "minimum", "remainder",
              "floor_divide", "identity")  # fmt: skip


class Expressions:
    """The expressions of arrays.

    Attributes:
        dialect: the library.
        like: a variable that holds an array of the dtype that is computed in.
        kinds: "i" for the variables that hold whole numbers, "b" for booleans.
    """

    def __init__(self, dialect: Dialect, like: str, kinds: dict[str, str]) -> None:
        self.dialect, self.like, self.kinds = dialect, like, kinds

    def text(self, node: Array, axes: Axes) -> str:
        """The expression of a node, its axes in this order.

        Raises:
            CompileError: it has no form in this library.
        """
        return self.aligned(self.whole(node), axes).text

    def whole(self, node: Array) -> Code:
        """The expression of a node and all below it."""
        rule = _RULES.get(type(node))
        if rule is None:
            raise CompileError(f"{type(node).__name__} has no form in {self.dialect.name}")
        return rule(self, node, [self.whole(kid) for kid in node.kids])

    def aligned(self, code: Code, want: Axes) -> Code:
        """The code with its axes in the order of `want`; see `aligned`."""
        return aligned(code, want, self.dialect.turned)

    def kind(self, node: Array) -> str:
        """`b`, `i` or `f`: what an array holds; `n` for a number."""
        if isinstance(node, Number):
            return "n"
        if is_bits(node) or isinstance(node, Ones):
            return "b"
        if isinstance(node, Load):
            return self.kinds.get(node.name, "f")
        if isinstance(node, Count) or (isinstance(node, Reduce) and node.name == "argmax"):
            return "i"
        if isinstance(node, Take):
            return self.kind(node.table)
        if isinstance(node, Map):
            return self._kind_of_map(node)
        return "f"

    def _kind_of_map(self, node: Map) -> str:
        if node.name == "inside":
            return "i"
        parts = node.parts[1:] if node.name == "where" else node.parts[:1] if node.name == "select" else node.parts
        if node.name in KEEPS_KIND or node.name in ("where", "select"):
            kinds = [self.kind(part) for part in parts]
            return "i" if "f" not in kinds and "i" in kinds else "f"
        return "f"

    def real(self, node: Array, code: Code) -> Code:
        """What holds no real numbers as such."""
        if self.kind(node) not in "ib":
            return code
        return Code(f"astype({code.text}, real)", ATOM, code.axes, code.batched)


def aligned(code: Code, want: Axes, turned: str) -> Code:
    """The code with its axes in the order of `want`, with new axes of length 1 where it has none.

    Raises:
        CompileError: it has an axis that is not wanted.
    """
    if set(code.axes) - set(want):
        raise CompileError(f"{code.text} depends on an axis that its place does not have")
    order = tuple(letter for letter in want if letter in code.axes)
    if order != code.axes:
        places = ", ".join(str(code.axes.index(letter)) for letter in order)
        text = turned.format(code.at(ATOM)) if len(order) == 2 else f"axes_moved({code.text}, {places})"
        code = Code(text, ATOM, order, code.batched)
    slots = [":" if letter in code.axes else "None" for letter in want]
    while not code.batched and slots and slots[0] == "None":
        slots.pop(0)
    if "None" not in slots:
        return code._replace(axes=want)
    while slots and slots[0] == ":":
        slots.pop(0)
    return Code(f"{code.at(ATOM)}[..., {', '.join(slots)}]", ATOM, want, code.batched)


def _call(name: str, *arguments: str) -> str:
    return f"{name}({', '.join(arguments)})"


def _map(self: Expressions, node: Map, kids: Sequence[Code]) -> Code:
    if node.name == "multiply" and isinstance(node.parts[1], Ones):
        return _spread(self, node, kids)
    kinds = [self.kind(part) for part in node.parts]
    whole = node.name in KEEPS_KIND or (node.name in RELATION.values() and "b" not in kinds)  # no order of booleans
    if node.name not in OF_ANYTHING and not (whole and "f" not in kinds):
        kids = [self.real(part, kid) for part, kid in zip(node.parts, kids, strict=True)]
    parts = [kid if isinstance(part, Number) else self.aligned(kid, node.axes)
             for part, kid in zip(node.parts, kids, strict=True)]  # fmt: skip
    text, level = _elementwise(self, node, parts, kinds)
    return Code(text, level, node.axes, any(part.batched for part in parts))


def _elementwise(self: Expressions, node: Map, parts: Sequence[Code], kinds: Sequence[str]) -> tuple[str, int]:
    name, texts = node.name, [part.text for part in parts]
    if name in WHOLE:
        sign, level = WHOLE[name]
        left = parts[0].at(ATOM if name == "power" else level + (level == COMPARE))  # a == b < 1 would be a chain
        return f"{left} {sign} {parts[1].at(ATOM if name == 'power' else level + 1)}", level
    if name in SIGNS:
        return f"{parts[0].at(SUM)} {SIGNS[name]} {parts[1].at(SUM)}", COMPARE
    if name == "logical_not":
        return f"~{parts[0].at(ATOM)}", UNARY
    if name == "negative":
        return f"-{parts[0].at(UNARY)}", UNARY
    if name == "identity":
        return texts[0], parts[0].level
    if name == "real":
        return _call("astype", texts[0], "real"), ATOM
    if name == "where" and kinds[0] == "n":
        return f"({texts[1]} if {texts[0]} else {texts[2]})", ATOM
    if name in ("where", "select", "hide"):
        own = 1 if name == "where" else 0
        texts = [*texts[:own], *(_made_array(self, node.parts[own], texts[own])), *texts[own + 1 :]]
    scalar = "n" in kinds and name not in self.dialect.wide and name in ("maximum", "minimum")
    template = None if scalar else self.dialect.calls.get(name)
    return (_call(HELPERS.get(name, name), *texts) if template is None else template.format(*texts)), ATOM


def _made_array(self: Expressions, part: Array, text: str) -> list[str]:
    return [_call("as_constant", text, "real", self.like)] if isinstance(part, Number) else [text]


def _spread(self: Expressions, node: Map, kids: Sequence[Code]) -> Code:
    ones = node.parts[1]
    assert isinstance(ones, Ones)
    (letter,) = ones.axes
    value = self.real(node.parts[0], kids[0])
    rest = tuple(axis for axis in node.axes if axis != letter)
    value = value if isinstance(node.parts[0], Number) else self.aligned(value, rest)
    place = node.axes.index(letter) - len(node.axes)
    text = _call("spread_over", value.text, ones.size, "real", self.like, str(place))
    return Code(text, ATOM, node.axes, value.batched)


def _reduce(self: Expressions, node: Reduce, kids: Sequence[Code]) -> Code:
    part = self.real(node.part, kids[0])
    left = tuple(letter for letter in part.axes if letter != node.over)
    axis = part.axes.index(node.over) - len(part.axes)
    if node.name == "max":
        return Code(f"finite_max({self.aligned(part, (*node.axes, node.over)).text})", ATOM, node.axes, part.batched)
    if node.name == "argmax":
        text = f"{self.dialect.np}.argmax({part.text}, {self.dialect.axis}={axis})"
        return Code(text, ATOM, left, part.batched)
    if isinstance(node.part, Map) and node.part.name == "square":
        return _squares(self, Squares(node.axes, node.part.parts[0], node.over), [self.whole(node.part.parts[0])])
    return Code(f"{self.dialect.np}.{node.name}({part.text}, {self.dialect.axis}={axis})", ATOM, left, part.batched)


def _squares(self: Expressions, node: Squares, kids: Sequence[Code]) -> Code:
    part = self.real(node.part, kids[0])
    left = tuple(letter for letter in part.axes if letter != node.over)
    axis = part.axes.index(node.over) - len(part.axes)
    return Code(f"squares({part.text}, {axis})", ATOM, left, part.batched)


def _contract(self: Expressions, node: Contract, kids: Sequence[Code]) -> Code:
    parts = [self.real(part, kid) for part, kid in zip(node.parts, kids, strict=True)]
    seen = isinstance(node, SeenContract)
    while len(parts) > 2:
        parts = _paired(self, parts, node.axes)
    if len(parts) == 1:
        return _summed(self, parts[0], node.axes)
    return _product(self, parts[0], parts[1], node.axes, seen)


def _summed(self: Expressions, part: Code, axes: Axes) -> Code:
    over = [letter for letter in part.axes if letter not in axes]
    places = ", ".join(str(part.axes.index(letter) - len(part.axes)) for letter in over)
    left = tuple(letter for letter in part.axes if letter in axes)
    return Code(f"sum_axes({part.text}, ({places},), False)", ATOM, left, part.batched)


def _paired(self: Expressions, parts: list[Code], axes: Axes) -> list[Code]:
    """The parts, those two as one that together have the fewest letters, summed over what nothing else has."""
    pairs = [(a, b) for a in range(len(parts)) for b in range(a + 1, len(parts))]
    one, two = min(pairs, key=lambda pair: (len({*parts[pair[0]].axes, *parts[pair[1]].axes}), pair))
    rest = [part for place, part in enumerate(parts) if place not in (one, two)]
    needed = {letter for part in rest for letter in part.axes} | set(axes)
    letters = tuple(dict.fromkeys((*parts[one].axes, *parts[two].axes)))
    return [
        _product(self, parts[one], parts[two], tuple(letter for letter in letters if letter in needed), False),
        *rest,
    ]


def _product(self: Expressions, left: Code, right: Code, axes: Axes, seen: bool) -> Code:
    """A matrix product where the letters allow it, a product of entries where nothing is summed, else a contraction."""
    over = [letter for letter in left.axes if letter in right.axes and letter not in axes]
    alone = (set(left.axes) ^ set(right.axes)) - set(axes)
    batched = left.batched or right.batched
    if not over and not alone and not seen:
        text = f"{self.aligned(left, axes).at(PRODUCT)} * {self.aligned(right, axes).at(UNARY)}"
        return Code(text, PRODUCT, axes, batched)
    rows = [letter for letter in left.axes if letter not in right.axes]
    columns = [letter for letter in right.axes if letter not in left.axes]
    shared = [letter for letter in axes if letter in left.axes and letter in right.axes]
    if alone or len(over) != 1 or len(rows) != 1 or len(columns) != 1:
        return _contracted(left, right, axes, seen)
    one = self.aligned(left, (*shared, *rows, *over))
    two = self.aligned(right, (*shared, *over, *columns))
    text = _call("seen_matmul", one.text, two.text) if seen else f"{one.at(PRODUCT)} @ {two.at(UNARY)}"
    return Code(text, ATOM if seen else PRODUCT, (*shared, *rows, *columns), batched)


def _contracted(left: Code, right: Code, axes: Axes, seen: bool) -> Code:
    names = einsum_letters(tuple(dict.fromkeys((*left.axes, *right.axes))))
    spec = f'"{names(left.axes)},{names(right.axes)}->{names(axes)}"'
    text = _call("seen_contract" if seen else "contract", spec, left.text, right.text)
    return Code(text, ATOM, axes, left.batched or right.batched)


def _row_dot(self: Expressions, node: RowDot, kids: Sequence[Code]) -> Code:
    left = tuple(letter for letter in kids[0].axes if letter != node.over)
    one, two = (self.aligned(kid, (*left, node.over)) for kid in kids)
    batched = one.batched or two.batched
    if isinstance(node, SeenRowDot):
        return Code(f"seen_dot({one.text}, {two.text})", ATOM, left, batched)
    text = f"{self.dialect.np}.sum({one.at(PRODUCT)} * {two.at(UNARY)}, {self.dialect.axis}=-1)"
    return Code(text, ATOM, left, batched)


def _running_sum(self: Expressions, node: RunningSum, kids: Sequence[Code]) -> Code:
    (part,) = kids
    left = tuple(node.along if letter == node.over else letter for letter in part.axes)
    axis = str(left.index(node.along) - len(left))
    return Code(_call("running_sum", part.text, axis, *_ends(node)), ATOM, left, part.batched)


def _running_product(self: Expressions, node: RunningProduct, kids: Sequence[Code]) -> Code:
    *lead, _, wide = node.axes
    shared = next(letter for letter in node.parts[0].axes if letter not in node.axes)
    axes = ((*lead, node.along, shared), (*lead, node.over, shared), (*lead, node.over, wide))
    texts = [self.aligned(kid, own).text for kid, own in zip(kids, axes, strict=True)]
    return Code(_call("running_product", *texts, *_ends(node)), ATOM, node.axes, any(kid.batched for kid in kids))


def _ends(node: RunningSum | RunningProduct) -> list[str]:
    return ["back=True"] * node.back + ["strict=True"] * node.strict


def _take(self: Expressions, node: Take, kids: Sequence[Code]) -> Code:
    table, at = kids
    rest = tuple(letter for letter in table.axes if letter != node.along)
    if isinstance(node.positions, Number):
        rows = self.aligned(table, (*rest, node.along))
        return Code(f"{rows.at(ATOM)}[..., {at.text}]", ATOM, rest, table.batched)
    if not table.batched and table.axes[0] == node.along and not set(rest) & set(at.axes):
        return Code(f"take_rows({table.text}, {at.text})", ATOM, (*at.axes, *rest), at.batched)
    letters = (*at.axes, *(letter for letter in rest if letter not in at.axes))
    rows = self.aligned(table, (*letters, node.along))
    return Code(f"pick({rows.text}, {self.aligned(at, letters).text})", ATOM, letters, True)


def _scatter(self: Expressions, node: Scatter, kids: Sequence[Code]) -> Code:
    rows = self.aligned(kids[0], (node.over, *node.axes[1:]))
    return Code(_call("scatter_add", rows.text, kids[1].text, node.size), ATOM, node.axes, False)


def _deposit(self: Expressions, node: Deposit, kids: Sequence[Code]) -> Code:
    values, at = self.real(node.values, kids[0]), kids[1]
    shared = tuple(letter for letter in at.axes if letter in node.axes)
    summed = tuple(letter for letter in at.axes if letter not in node.axes)
    rest = tuple(letter for letter in values.axes if letter not in at.axes)
    lined = self.aligned(values, (*shared, *summed, *rest)).text, self.aligned(at, (*shared, *summed)).text
    told = ["all_inside=True"] * node.all_inside
    text = _call("deposit", *lined, node.size, str(len(summed)), str(len(rest)), *told)
    return Code(text, ATOM, (*shared, node.along, *rest), values.batched or at.batched)


def _count(self: Expressions, node: Count, kids: Sequence[Code]) -> Code:
    span = ("1", f"{node.size} + 1") if node.start else ("0", node.size)
    return Code(_call("count_from", *span, self.like), ATOM, node.axes, False)


def _number(self: Expressions, node: Number, kids: Sequence[Code]) -> Code:
    simple = node.code.startswith(("math.", "(")) or not any(sign in node.code for sign in " -")
    return Code(node.code, ATOM if simple else SUM, (), False)


_RULES: dict[type, Callable[[Expressions, Any, Sequence[Code]], Code]] = {
    Number: _number,
    Load: lambda self, node, kids: Code(node.name, ATOM, node.axes, node.batched),
    Count: _count,
    Ones: lambda self, node, kids: Code(_call("ones", node.size, self.like) + " > 0", COMPARE, node.axes, False),
    Map: _map,
    Reduce: _reduce,
    Contract: _contract,
    SeenContract: _contract,
    Take: _take,
    RunningSum: _running_sum,
    RunningProduct: _running_product,
    Squares: _squares,
    RowDot: _row_dot,
    SeenRowDot: _row_dot,
    Scatter: _scatter,
    Deposit: _deposit,
}
