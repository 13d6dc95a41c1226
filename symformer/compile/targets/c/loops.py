"""Array nodes to loop nests: a sum or maximum is a loop of its own, lines that share their rows share that loop."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from sympy import Symbol

from symformer.compile.arrays import (
    Array,
    Axes,
    Balance,
    Contract,
    Count,
    Deposit,
    Load,
    Map,
    Ones,
    Reduce,
    RowDot,
    Scatter,
    SeenContract,
    SeenRowDot,
    Squares,
    Take,
    walk,
)
from symformer.compile.lines import Line
from symformer.compile.targets.c.scalars import Buffer, Env, Scalars

INDENT = "    "
LANES = 32
REDUCING = (Reduce, Contract, RowDot, Squares, Scatter, Deposit)
HEAVY = ("exp", "power", "tanh", "log", "erf", "normal_cdf", "sin", "cos", "sqrt", "divide")


@dataclass(frozen=True)
class Statement:
    """One assignment to all entries of a variable: its letters and their sizes in C, and what it is computed by.

    It is made where the guard holds, or, `otherwise`, where it does not.
    """

    variable: str
    axes: Axes
    node: Array
    formula: str = ""
    guard: str = ""
    otherwise: bool = False


@dataclass
class Loops:
    """Statements, their buffers, and the text of their loops."""

    write: Scalars
    sizes: dict[Symbol, str] = field(default_factory=dict)
    made: int = 0

    def statements(self, lines: Sequence[Line]) -> list[Statement]:
        """The statements of lines; what is reduced inside an expression becomes one of its own.

        Raises:
            CompileError: a definition has no form in C; it is named.
        """
        out: list[Statement] = []
        for line in lines:
            for axis, size in zip(line.axes, line.sizes, strict=True):
                self.sizes[axis] = self.write.size(size)
            guard = "" if line.guard is None else self.write.condition(line.guard.code)
            out += self._branch(line, line.array, line.formula, guard)
            if line.other is not None and not _is_itself(line):
                out += self._branch(line, line.other, line.other_formula, guard, True)
        return out

    def _branch(self, line: Line, node: Array, formula: str, guard: str, otherwise: bool = False) -> list[Statement]:
        out: list[Statement] = []
        for part in walk(node):
            self._learn(part)
        root = self._hoisted(node, line.variable, guard, out, at_root=True)
        kind = self.write.kind(root)
        if kind in ("i", "b"):
            self.write.kinds[line.variable] = "i"
        self._declare(line.variable, line.axes, kind)
        own = [*out, Statement(line.variable, line.axes, root, formula, guard)]
        return [replace(one, otherwise=otherwise) for one in own]

    def _learn(self, node: Array) -> None:
        """The sizes of letters, from what has them."""
        if isinstance(node, Load) and node.name in self.write.buffers:
            for axis, size in zip(node.axes, self.write.buffers[node.name].sizes, strict=False):
                self.sizes.setdefault(axis, size)
        elif isinstance(node, (Count, Ones)):
            self.sizes.setdefault(node.axes[0], self.write.size(node.size))
        elif isinstance(node, Take) and node.size:
            self.sizes.setdefault(node.along, self.write.size(node.size))
        elif isinstance(node, Reduce) and node.size:
            self.sizes.setdefault(node.over, self.write.size(node.size))

    def _declare(self, variable: str, axes: Axes, kind: str) -> None:
        known = self.write.buffers.get(variable)
        if known is None:
            own = "int64_t" if kind in "ib" else "double" if variable in self.write.exact else self.write.real
            name = self.write.name(variable)
            self.write.buffers[variable] = Buffer(name, tuple(self.sizes[axis] for axis in axes), own)

    def _hoisted(self, node: Array, near: str, guard: str, out: list[Statement], at_root: bool = False) -> Array:
        """A node whose inner reductions, and factors that a loop would compute again, have a name."""
        kids = tuple(self._hoisted(kid, near, guard, out) for kid in node.kids)
        if isinstance(node, Contract) and len(kids) > 1:
            kids = tuple(self._named(kid, near, guard, out) if _is_heavy(kid) else kid for kid in kids)
        node = node.over_kids(kids)
        return node if at_root or not isinstance(node, REDUCING) else self._named(node, near, guard, out)

    def _named(self, node: Array, near: str, guard: str, out: list[Statement]) -> Array:
        self.made += 1
        name = f"{near} part {self.made}"  # no name of a program has a blank
        if self.write.kind(node) in ("i", "b"):
            self.write.kinds[name] = "i"
        own = "int64_t" if self.write.kind(node) in "ib" else "double" if near in self.write.exact else self.write.real
        sizes = tuple(self.sizes[axis] for axis in node.axes)
        self.write.buffers[name] = Buffer(f"{self.write.name(near).strip('(*)')}_part_{self.made}", sizes, own)
        out.append(Statement(name, node.axes, node, "", guard))
        return Load(node.axes, name)

    # -- text -------------------------------------------------------------------------------------------------------

    def text(self, statements: Sequence[Statement], env: Env, skip: int = 0) -> list[str]:
        """The C of statements, inside loops over what `env` has; the first `skip` axes of each have one already."""
        return [line for one in statements for line in self._guarded(one, env, skip)]

    def _guarded(self, one: Statement, env: Env, skip: int) -> Iterator[str]:
        if one.formula:
            yield f"/* {one.formula.replace('*/', '* /')} */"
        real = self.write.real
        self.write.real = "double" if self.write.buffers[one.variable].type == "double" else real
        body = self._assigned(one, one.axes[skip:], env)
        self.write.real = real
        if not one.guard:
            yield from body
            return
        yield f"if (!({one.guard})) {{" if one.otherwise else f"if ({one.guard}) {{"
        yield from (INDENT + line for line in body)
        yield "}"

    def _loop(self, axis: Symbol, env: Env) -> tuple[str, Env]:
        name = f"i{len(env)}"
        return f"for (ptrdiff_t {name} = 0; {name} < {self.sizes[axis]}; ++{name}) {{", {**env, axis: name}

    def nest(self, axes: Sequence[Symbol], env: Env) -> tuple[list[str], Env]:
        """The heads of loops over axes."""
        heads: list[str] = []
        for axis in axes:
            head, env = self._loop(axis, env)
            heads.append(INDENT * len(heads) + head)
        return heads, env

    def wrapped(self, heads: Sequence[str], body: Sequence[str]) -> list[str]:
        """A body inside loops."""
        ends = [INDENT * depth + "}" for depth in reversed(range(len(heads)))]
        return [*heads, *(INDENT * len(heads) + line for line in body), *ends]

    def _assigned(self, one: Statement, axes: Axes, env: Env) -> list[str]:
        target = Load(one.axes, one.variable)
        if isinstance(one.node, (Deposit, Scatter)):
            return self._deposited(one, env)
        if isinstance(one.node, Balance):
            return self._balanced(one, one.node, axes, env)
        over, term = _reduced(one.node)
        if not over and not isinstance(one.node, REDUCING):
            heads, inner = self.nest(axes, env)
            return self.wrapped(heads, [f"{self.write.place(target, inner)} = {self._value(one, inner)};"])
        if self._by_rows(one.node, axes, over):
            return self._added(one, axes, over, env)
        heads, inner = self.nest(axes, env)
        return self.wrapped(heads, self._accumulated(one, target, over, term, inner))

    def _value(self, one: Statement, env: Env) -> str:
        if self.write.buffers[one.variable].type == "int64_t":
            kind = self.write.kind(one.node)
            return self.write.boolean(one.node, env) if kind == "b" else self.write.whole(one.node, env)
        return self.write.real_entry(one.node, env)

    def _term(self, node: Array, env: Env) -> str:
        write = self.write
        if isinstance(node, Squares):
            value = write.real_entry(node.part, env)
            return f"{value} * {value}"
        if isinstance(node, (SeenContract, SeenRowDot)):
            return write.call(f"seen_{write.real}", *(write.real_entry(part, env) for part in node.parts))
        if isinstance(node, (Contract, RowDot)):
            return " * ".join(write.real_entry(part, env) for part in node.parts)
        assert isinstance(node, Reduce)
        return write.real_entry(node.part, env)

    def _by_rows(self, node: Array, axes: Axes, over: Axes) -> bool:
        """Whether a sum of products runs over rows of what the innermost axis of the result lies in."""
        if not isinstance(node, Contract) or not axes or not over:
            return False
        return any(
            isinstance(part, Load) and part.axes[-1:] == axes[-1:] and over[-1] in part.axes for part in node.parts
        )

    def _added(self, one: Statement, axes: Axes, over: Axes, env: Env) -> list[str]:
        """A result that is 0 first, and to which products are added along its innermost axis."""
        target = Load(one.axes, one.variable)
        heads, inner = self.nest(axes[:-1], env)
        clear, at = self._loop(axes[-1], inner)
        first = [clear, f"{INDENT}{self.write.place(target, at)} = 0;", "}"]
        more, deep = self.nest([*over, axes[-1]], inner)
        add = f"{self.write.place(target, deep)} += {self._term(one.node, deep)};"
        return self.wrapped(heads, [*first, *self.wrapped(more, [add])])

    def _accumulated(self, one: Statement, target: Load, over: Axes, node: Array, env: Env) -> list[str]:
        """A sum in lanes, which compilers put into vectors; a maximum likewise; products and places one by one."""
        name = node.name if isinstance(node, Reduce) else "sum"
        goal = self.write.place(target, env)
        if not over:
            return [f"{goal} = {self._term(node, env)};"]
        if name == "argmax":
            return self._largest_place(goal, over[0], node, env)
        if name == "prod":
            heads, inner = self.nest(over, env)
            return [f"{goal} = 1;", *self.wrapped(heads, [f"{goal} *= {self._term(node, inner)};"])]
        return self._in_lanes(name, goal, over, node, env)

    def _balanced(self, one: Statement, node: Balance, axes: Axes, env: Env) -> list[str]:
        """Of a row that adds up to 0, the entry of a probability above a half is minus the sum of the others."""
        scores, _, total = node.parts
        heads, inner = self.nest(axes[:-1], env)
        head, at = self._loop(axes[-1], inner)
        place, top = at[axes[-1]], {**inner, axes[-1]: "top"}
        own, entry = Load(one.axes, one.variable), self.write.real_entry
        body = [
            "ptrdiff_t top = 0;",
            f"{self.write.real} others = 0;",
            head,
            f"{INDENT}top = {entry(scores, at)} > {entry(scores, top)} ? {place} : top;",
            "}",
            head,
            f"{INDENT}others += {place} == top ? 0 : {self.write.place(own, at)};",
            "}",
            f"{self.write.place(own, top)} = -others;",
        ]
        lines = [f"if ({self.sizes[axes[-1]]} > 0 && {entry(total, inner)} < 2) {{",
                 *(INDENT + line for line in body), "}"]  # fmt: skip
        return self.wrapped(heads, lines)

    def _largest_place(self, goal: str, axis: Symbol, node: Array, env: Env) -> list[str]:
        head, inner = self._loop(axis, env)
        real, at = self.write.real, inner[axis]
        better = f"{at} == 0 || value > top || (value != value && top == top)"
        body = [f"const {real} value = {self._term(node, inner)};", f"if ({better}) {{",
                f"{INDENT}top = value;", f"{INDENT}{goal} = {at};", "}"]  # fmt: skip
        inside = [f"{real} top = 0;", f"{goal} = 0;", *self.wrapped([head], body)]
        return ["{", *(INDENT + line for line in inside), "}"]

    def _in_lanes(self, name: str, goal: str, over: Axes, node: Array, env: Env) -> list[str]:
        real, largest = self.write.real, name == "max"
        heads, inner = self.nest(over[:-1], env)
        size, at = self.sizes[over[-1]], f"i{len(inner)}"
        wide = self._term(node, {**inner, over[-1]: f"({at} + lane)"})
        single = self._term(node, {**inner, over[-1]: at})

        def stepped(lane: str, term: str, odd: str = "") -> list[str]:
            """One more number in a lane; of a maximum NaN is kept apart, so that each is one comparison."""
            if not largest:
                return [f"lanes[{lane}] += {term};"]
            return [
                f"const {real} value = {term};",
                f"lanes[{lane}] = value > lanes[{lane}] ? value : lanes[{lane}];",
                f"odd[{lane}] = {odd or 'value'} != {odd or 'value'} ? {odd or 'value'} : odd[{lane}];",
            ]

        lanes = f"for (int lane = 0; lane < {LANES}; ++lane)"
        body = [
            f"ptrdiff_t {at} = 0;",
            f"for (; {at} + {LANES} <= {size}; {at} += {LANES})",
            f"{INDENT}{lanes} {{",
            *(INDENT * 2 + line for line in stepped("lane", wide)),
            f"{INDENT}}}",
            f"for (; {at} < {size}; ++{at}) {{",
            *(INDENT + line for line in stepped("0", single)),
            "}",
        ]
        fold = stepped("lane", "lanes[lane + half]", "odd[lane + half]")
        start = "lanes[lane] = -INFINITY, odd[lane] = 0;" if largest else "lanes[lane] = 0;"
        top = f"{goal} = odd[0] != odd[0] ? odd[0] : lanes[0] == -INFINITY ? 0 : lanes[0];"
        out = [
            f"{real} lanes[{LANES}]{f', odd[{LANES}]' if largest else ''};",
            f"{lanes} {start}",
            *self.wrapped(heads, body if not heads else ["{", *(INDENT + line for line in body), "}"]),
            f"for (int half = {LANES // 2}; half > 0; half /= 2)",
            f"{INDENT}for (int lane = 0; lane < half; ++lane) {{",
            *(INDENT * 2 + line for line in fold),
            f"{INDENT}}}",
            top if largest else f"{goal} = lanes[0];",
        ]
        return ["{", *(INDENT + line for line in out), "}"]

    def _deposited(self, one: Statement, env: Env) -> list[str]:
        """Zeros, to which values are added at their places; what lies outside is an error where it has to be inside."""
        node, write = one.node, self.write
        assert isinstance(node, (Deposit, Scatter))
        values = node.values if isinstance(node, Deposit) else node.rows
        heads, inner = self.nest(one.axes, env)
        clear = self.wrapped(heads, [f"{write.place(Load(one.axes, one.variable), inner)} = 0;"])
        letters = list(dict.fromkeys((*(a for a in one.axes if a != node.along), *node.positions.axes, *values.axes)))
        heads, inner = self.nest(letters, env)
        size = write.size(node.size)
        goal = write.place(Load(one.axes, one.variable), {**inner, node.along: "at"})
        strict = isinstance(node, Scatter) or node.all_inside
        body = [f"const ptrdiff_t at = {write.whole(node.positions, inner)};",
                f"if (at >= 0 && at < {size})", f"{INDENT}{goal} += {write.real_entry(values, inner)};",
                *(["else", f"{INDENT}outside = 1;"] if strict else [])]  # fmt: skip
        return [*clear, *self.wrapped(heads, body)]


def _is_itself(line: Line) -> bool:
    return isinstance(line.other, Load) and line.other.name == line.variable and line.other.axes == line.axes


def _is_heavy(node: Array) -> bool:
    return isinstance(node, Map) and any(isinstance(part, Map) and part.name in HEAVY for part in walk(node))


def _reduced(node: Array) -> tuple[Axes, Array]:
    """The letters that a node sums over, and itself."""
    if isinstance(node, (Reduce, RowDot, Squares)):
        return (node.over,), node
    return (node.over if isinstance(node, Contract) else ()), node


def groups(statements: Sequence[Statement], outputs: Sequence[str]) -> list[list[Statement]]:
    """Statements in a row that share their first axis, and read each other at the same row alone."""
    out: list[list[Statement]] = []
    for one in statements:
        if out and _joins(one, out[-1]):
            out[-1].append(one)
        else:
            out.append([one])
    return out


def _joins(one: Statement, group: Sequence[Statement]) -> bool:
    first = group[0]
    if not one.axes or not first.axes or one.axes[0] != first.axes[0] or _scatters(one) or _scatters(first):
        return False
    row, made = one.axes[0], {other.variable for other in group}
    loads = [node for node in walk(one.node) if isinstance(node, Load) and node.name in made]
    moved = any(isinstance(node, Take) and node.along == row for node in walk(one.node))
    return not moved and all(load.axes[:1] == (row,) for load in loads)


def _scatters(one: Statement) -> bool:
    return isinstance(one.node, (Deposit, Scatter))
