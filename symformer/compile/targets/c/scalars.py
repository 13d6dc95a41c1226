"""One entry of an array as an expression of C: axes are loop variables, and a gather is an entry at another place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sympy import Symbol

from symformer.compile.arrays import Array, CompileError, Count, Load, Map, Number, Ones, Take
from symformer.compile.lowering.context import RELATION
from symformer.compile.targets.c.numbers import condition, real_number, whole_number
from symformer.compile.targets.dialect import Dialect
from symformer.compile.targets.expressions import Expressions

C = Dialect("c", "", "", {}, frozenset(), {}, False, "")
SIGNS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/"}
RELATIONS = {"equal": "==", "not_equal": "!=", "less_equal": "<=", "less": "<", "greater_equal": ">=", "greater": ">"}
LIBM = {"sqrt": "sqrt", "tanh": "tanh", "log": "log", "expm1": "expm1", "sin": "sin", "cos": "cos",
        "floor": "floor", "abs": "fabs", "power": "pow"}  # fmt: skip
OWN = {"exp": "exp", "log1p": "log1p", "erf": "erf", "normal_cdf": "normal_cdf", "sigmoid_slope": "sigmoid_slope",
       "tanh_slope": "tanh_slope", "damped": "damped", "zero_wins": "zero_wins", "zero_times": "zero_times",
       "from_max": "from_max", "maximum": "larger", "minimum": "smaller", "sign": "sign",
       "remainder": "modulo"}  # fmt: skip
Env = Mapping[Symbol, str]


@dataclass(frozen=True)
class Buffer:
    """Where a variable lies: its name in C, the sizes of its axes, and `float`, `double`, `int64_t` or a byte.

    A buffer without axes is a variable of C; `rows` says that its first axis is left out, as one row alone is kept.
    """

    name: str
    sizes: tuple[str, ...]
    type: str
    rows: bool = False


@dataclass
class Scalars:
    """The expressions of entries, for one real type; `used` are the functions of our own that they call."""

    real: str
    buffers: dict[str, Buffer]
    names: Mapping[str, str]
    kinds: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    exact: frozenset[str] = frozenset()  # variables that are double in any case

    def kind(self, node: Array) -> str:
        """`b`, `i`, `f` or `n`."""
        return Expressions(C, "", self.kinds).kind(node)

    def name(self, python: str) -> str:
        """The name in C of a size or an option."""
        return self.names.get(python, python)

    def condition(self, code: str) -> str:
        """The C of a guard."""
        return condition(code, self.name)

    def call(self, name: str, *arguments: str) -> str:
        """A call of one of our own functions."""
        self.used.add(name)
        return f"{name}({', '.join(arguments)})"

    def size(self, code: str) -> str:
        """The C of the Python text of a size."""
        text = whole_number(code, self.name)
        for helper in ("larger_of", "smaller_of", "quotient_of", "remainder_of"):
            if helper in text:
                self.used.add(helper)
        return text

    def place(self, load: Load, env: Env) -> str:
        """An entry of a variable.

        Raises:
            CompileError: it is nowhere.
        """
        buffer = self.buffers.get(load.name)
        if buffer is None:
            raise CompileError(f"{load.name} is not computed before it is used")
        axes = load.axes[1:] if buffer.rows else load.axes
        if not buffer.sizes:
            return buffer.name
        index = ""
        for axis, size in zip(axes, buffer.sizes, strict=True):
            at = env[axis]
            index = f"({index}) * {size} + {at}" if index else at
        return f"{buffer.name}[{index}]"

    # -- real numbers -----------------------------------------------------------------------------------------------

    def real_entry(self, node: Array, env: Env) -> str:
        """An entry as a real number."""
        if isinstance(node, Number):
            return f"({self.real})({real_number(node.code, self.name)})"
        kind = self.kind(node)
        if kind == "b":
            return f"({self.real})({self.boolean(node, env)})"
        if kind == "i":
            return f"({self.real})({self.whole(node, env)})"
        if isinstance(node, Load):
            return self.place(node, env)
        if isinstance(node, Take):
            return self.real_entry(node.table, {**env, node.along: self._at(node, env)})
        if isinstance(node, Map):
            return self._mapped(node, env)
        raise CompileError(f"{type(node).__name__} has no form in C")

    def _at(self, node: Take, env: Env) -> str:
        return self.call("place_of", self.whole(node.positions, env), self.size(node.size), "&outside")

    def _mapped(self, node: Map, env: Env) -> str:
        name, real = node.name, self.real
        if name in ("where", "select", "hide"):
            mask, one, other = {"where": (0, 1, 2)}.get(name, (1, 0, None))
            rest = "0" if name == "select" else "-INFINITY"
            rest = rest if other is None else self.real_entry(node.parts[other], env)
            return f"({self.boolean(node.parts[mask], env)} ? {self.real_entry(node.parts[one], env)} : {rest})"
        parts = [self.real_entry(part, env) for part in node.parts]
        if name in SIGNS:
            return f"({parts[0]} {SIGNS[name]} {parts[1]})"
        if name == "negative":
            return f"(-{parts[0]})"
        if name in ("real", "precise"):
            return f"({'double' if name == 'precise' else real})({parts[0]})"
        if name == "identity":
            return parts[0]
        if name == "square":
            simple = parts[0].isidentifier() or "(" not in parts[0]
            return f"({parts[0]} * {parts[0]})" if simple else f"{self._power()}({parts[0]}, 2)"
        if name == "floor_divide":
            return f"{self._libm('floor')}({parts[0]} / {parts[1]})"
        if name in LIBM:
            return f"{self._libm(LIBM[name])}({', '.join(parts)})"
        if name in OWN:
            return self.call(f"{OWN[name]}_{real}", *parts)
        raise CompileError(f"{name} has no form in C")

    def _power(self) -> str:
        return self._libm("pow")

    def _libm(self, name: str) -> str:
        return f"{name}f" if self.real == "float" else name

    # -- whole numbers and conditions -------------------------------------------------------------------------------

    def whole(self, node: Array, env: Env) -> str:
        """An entry as a whole number.

        Raises:
            CompileError: it is none.
        """
        if isinstance(node, Number):
            return self.size(node.code)
        if isinstance(node, Count):
            return f"({env[node.axes[0]]} + {node.start})" if node.start else env[node.axes[0]]
        if isinstance(node, Load):
            return f"(ptrdiff_t){self.place(node, env)}"
        if isinstance(node, Take):
            return self.whole(node.table, {**env, node.along: self._at(node, env)})
        if isinstance(node, Map):
            return self._whole_map(node, env)
        raise CompileError(f"{type(node).__name__} has no form as a whole number in C")

    def _whole_map(self, node: Map, env: Env) -> str:
        name = node.name
        if name == "inside":
            at, size = self.whole(node.parts[0], env), self.whole(node.parts[2], env)
            nearest = self.call("larger_of", "0", self.call("smaller_of", at, f"{size} - 1"))
            return f"({self.boolean(node.parts[1], env)} ? {at} : {nearest})"
        if name in ("where", "select"):
            mask, one = (0, 1) if name == "where" else (1, 0)
            other = self.whole(node.parts[2], env) if name == "where" else "0"
            return f"({self.boolean(node.parts[mask], env)} ? {self.whole(node.parts[one], env)} : {other})"
        parts = [self.whole(part, env) for part in node.parts]
        calls = {"maximum": "larger_of", "minimum": "smaller_of", "floor_divide": "quotient_of",
                 "remainder": "remainder_of"}  # fmt: skip
        if name in calls:
            return self.call(calls[name], *parts)
        if name in SIGNS and name != "divide":
            return f"({parts[0]} {SIGNS[name]} {parts[1]})"
        if name == "negative":
            return f"(-{parts[0]})"
        if name == "square":
            return f"({parts[0]} * {parts[0]})"
        if name in ("abs", "sign"):
            text = "({0} < 0 ? -{0} : {0})" if name == "abs" else "(({0} > 0) - ({0} < 0))"
            return text.format(f"({parts[0]})")
        if name in ("identity", "real"):
            return parts[0]
        raise CompileError(f"{name} has no form as a whole number in C")

    def boolean(self, node: Array, env: Env) -> str:
        """An entry as a condition."""
        if isinstance(node, Number):
            return f"({real_number(node.code, self.name)} != 0)"
        if isinstance(node, Ones):
            return "1"
        if isinstance(node, Load) and self.kind(node) == "b":
            return f"({self.place(node, env)} != 0)"
        if isinstance(node, Take) and self.kind(node) == "b":
            return self.boolean(node.table, {**env, node.along: self._at(node, env)})
        if isinstance(node, Map) and node.name in RELATION.values():
            kinds = {self.kind(part) for part in node.parts}
            entry = self.whole if kinds <= {"i"} or (kinds == {"i", "n"} and _whole_numbers(node)) else self.real_entry
            return f"({entry(node.parts[0], env)} {RELATIONS[node.name]} {entry(node.parts[1], env)})"
        if isinstance(node, Map) and node.name in ("logical_and", "logical_or"):
            sign = "&&" if node.name == "logical_and" else "||"
            return f"({self.boolean(node.parts[0], env)} {sign} {self.boolean(node.parts[1], env)})"
        if isinstance(node, Map) and node.name == "logical_not":
            return f"!{self.boolean(node.parts[0], env)}"
        return f"({self.real_entry(node, env)} != 0)"


def _whole_numbers(node: Map) -> bool:
    return not any(isinstance(part, Number) and ("/" in part.code or "." in part.code) for part in node.parts)
