"""The statements of a page for Rocq: trusted, and all that is. What proves them is not.

Over a real closed field F (`rcfType`): an input is a function of indices `nat -> F`, counted from 0; a sum over k from
1 to n is `\\sum_(k < n)`; a free index is an ordinal `'I_n`; √ is `Num.sqrt`. exp is any positive function
with exp(a + b) = exp a · exp b, and ln its inverse. A defined tensor is a Definition of the same name. A derivative is
what our rules make of it, and the line says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy
from sympy import Expr

from symformer.calculus import worked_out
from symformer.certify.names import Names, Unprovable, free
from symformer.notation import (
    Add,
    Const,
    Delta,
    Derivative,
    Div,
    Element,
    Func,
    Indicator,
    Mul,
    Neg,
    Pow,
    Sum,
    Tensor,
    Var,
    Written,
    lift,
    opened,
)  # fmt: skip
from symformer.programs import is_defined

Env = Mapping[str, str]  # identifiers of indices, by letter
FUNCTIONS = {"exp": "exp", "log": "ln", "sqrt": "Num.sqrt", "erf": "erf"}
RELATIONS = {
    "≤": "({} <= {})%N%:R", "<": "({} < {})%N%:R", "≥": "({1} <= {0})%N%:R", ">": "({1} < {0})%N%:R",
    "=": "({} == {} :> nat)%:R", "≠": "({} != {} :> nat)%:R",
}  # fmt: skip
DOMAINS = {"real": "", "positive": "0 < {}", "nonnegative": "0 <= {}", "unit": "0 < {0} < 1", "simplex": "0 < {}"}


class Statements:
    """Text of expressions, and of the definitions and inputs that they name."""

    def __init__(self) -> None:
        self.names = Names()
        self.inputs: dict[str, Tensor] = {}
        self.sizes: list[str] = []
        self.definitions: dict[str, str] = {}  # text by identifier, in order

    def text(self, node: Written, env: Env) -> str:
        """An expression as a term of type F."""
        kids = [self.text(kid, env) for kid in node.kids] if isinstance(node, (Add, Neg, Mul, Div)) else []
        match node:
            case Const():
                return rational(node.value)
            case Var() if node.symbol.is_positive:
                return f"{self.size(node.symbol)}%:R"
            case Var():
                return f"{self.index(node, env)}.+1%:R"
            case Element():
                return self.entry(node.tensor, [self.index(kid, env) for kid in node.kids])
            case Add():
                return f"({' + '.join(kids)})"
            case Neg():
                return f"(- {kids[0]})"
            case Mul():
                return f"({' * '.join(kids)})"
            case Div():
                return f"({kids[0]} / {kids[1]})"
            case Pow():
                return power(self.text(node.kids[0], env), node.kids[1].plain())
            case Sum():
                inside = self.inside(node, env)
                return f"(\\sum_({inside[str(node.index)]} < {self.size(node.size)}) {self.text(node.body, inside)})"
            case Delta():
                return RELATIONS["="].format(*(self.index(kid, env) for kid in node.kids))
            case Indicator():
                return RELATIONS[node.relation].format(*(self.index(kid, env) for kid in node.kids))
            case Func():
                return self.function(node, env)
            case Derivative():
                return self.text(worked_out(node), env)
        raise Unprovable(f"no statement of {type(node).__name__}")

    def inside(self, node: Sum, env: Env) -> dict[str, str]:
        """The letters under a sum."""
        taken = {*env.values(), *self.names.by_key.values()}
        return {**env, str(node.index): free(node.index.name, taken)}

    def function(self, node: Func, env: Env) -> str:
        """A function that is known here, or what it stands for."""
        formula = formula_of(node)
        if formula is not None:
            return self.text(formula, env)
        if node.name not in FUNCTIONS:
            raise Unprovable(f"no statement of {node.name}")
        return f"({FUNCTIONS[node.name]} {self.text(node.kids[0], env)})"

    def index(self, node: Any, env: Env) -> str:
        """An index, counted from 0."""
        if isinstance(node, Var) and str(node.symbol) in env:
            return env[str(node.symbol)]
        if isinstance(node, Const) and node.value.is_Integer and node.value > 0:
            return f"{int(node.value) - 1}%N"
        raise Unprovable("an index that is picked or computed")

    def size(self, size: Expr) -> str:
        """A size as a whole number: no differences, which `nat` would cut off at 0."""
        size = sympy.expand(size)
        if size.is_Symbol and size.is_positive:
            name = self.names.of(f"size {size}", size.name)
            self.sizes += [name] if name not in self.sizes else []
            return name
        if size.is_Integer and size > 0:
            return f"{int(size)}"
        if isinstance(size, sympy.Pow) and size.exp.is_Integer and size.exp > 0:
            return f"({self.size(size.base)} ^ {int(size.exp)})%N"
        if isinstance(size, (sympy.Mul, sympy.Add)):
            sign = " * " if isinstance(size, sympy.Mul) else " + "
            return f"({sign.join(self.size(part) for part in sorted(size.args, key=str))})%N"
        raise Unprovable(f"the range {size}")

    def entry(self, tensor: Tensor, indices: list[str]) -> str:
        """An entry of an input or of a definition, which is written before it is used."""
        name = self.names.of(f"tensor {tensor.digest}", tensor.name)
        if is_defined(tensor):
            if name not in self.definitions:
                self.definitions[name] = self.definition(name, tensor)
        elif tensor.origin is not None or tensor.domain.kind not in DOMAINS:
            raise Unprovable(f"no statement of what is {tensor.domain.kind if tensor.origin is None else 'repeated'}")
        else:
            self.inputs[name] = tensor
        return f"({' '.join([name, *indices])})" if indices else name

    def definition(self, name: str, tensor: Tensor) -> str:
        """`Definition P (i j : nat) : F := …`."""
        found = tensor.origin.definition
        taken, env = set(self.names.by_key.values()), dict[str, str]()
        for index in found.indices:
            env[str(index)] = free(index.name, taken | set(env.values()))
        binder = f" ({' '.join(env.values())} : nat)" if env else ""
        return f"Definition {name}{binder} : F := {self.text(found.body, env)}."

    def variables(self) -> list[str]:
        """The inputs and sizes of the page, with what is declared of them."""
        out = [f"Variable {name} : nat. Hypothesis {name}_pos : (0 < {name})%N." for name in self.sizes]
        for name, tensor in self.inputs.items():
            out.append(f"Variable {name} : {'nat -> ' * len(tensor.shape)}F.")
            letters = [f"a{axis}" for axis in range(len(tensor.shape))]
            said = DOMAINS[tensor.domain.kind].format(" ".join([name, *letters]))
            if said:
                out.append(f"Hypothesis {name}_in : {every(letters)}{said}.")
            if tensor.domain.kind == "simplex":
                row = " ".join([name, *letters[:-1], "k"])
                size = self.size(tensor.shape[-1])
                out.append(f"Hypothesis {name}_row : {every(letters[:-1])}\\sum_(k < {size}) {row} = 1.")
        return out

    def premise(self, node: Written, relation: str, spans: Mapping[str, Expr]) -> str:
        """A condition that the page prints, for all indices that it speaks of."""
        env = self.free(spans)
        said = {"≠ 0": "{} != 0 :> F", "≥ 0": "0 <= {} :> F", "> 0": "0 < {} :> F"}[relation]
        return f"{self.quantified(spans, env)}{said.format(self.text(node, env))}"

    def line(self, left: Written, right: Written, spans: Mapping[str, Expr]) -> str:
        """What a line claims, for all of its free indices."""
        env = self.free(spans)
        return f"{self.quantified(spans, env)}{self.text(left, env)} = {self.text(right, env)} :> F"

    def free(self, spans: Mapping[str, Expr]) -> dict[str, str]:
        """Identifiers of free indices."""
        env: dict[str, str] = {}
        for letter in spans:
            env[letter] = free(letter.split("#")[0], {*env.values(), *self.names.by_key.values()})
        return env

    def quantified(self, spans: Mapping[str, Expr], env: Env) -> str:
        """`forall (i : 'I_n), `; nothing without indices."""
        return f"forall {' '.join(self.binders(spans, env))}, " if spans else ""

    def binders(self, spans: Mapping[str, Expr], env: Env) -> list[str]:
        """`(i : 'I_n)` for each index."""
        return [f"({env[letter]} : 'I_{self.size(size)})" for letter, size in spans.items()]


def every(letters: list[str]) -> str:
    """`forall a0 a1, `; nothing without letters."""
    return f"forall {' '.join(letters)}, " if letters else ""


def formula_of(node: Func) -> Written | None:
    """What a function stands for: tanh is (exp 2x − 1)/(exp 2x + 1)."""
    if node.name != "tanh":
        return opened(node)
    square = Func((Mul((lift(2), node.kids[0])),), ("exp",))
    return Div((Add((square, Neg((lift(1),)))), Add((square, lift(1)))))


def number(value: int) -> str:
    """A numeral; long ones digit by digit, as a `nat` is unary."""
    if value < 2:
        return str(value)
    return f"{value}%:R" if value < 100 else f"({number(value // 10)} * 10%:R + {number(value % 10)})"


def rational(value: Any) -> str:
    """A rational number."""
    if value is sympy.pi:
        return "pi"
    if not sympy.sympify(value).is_Rational:
        raise Unprovable(f"no statement of {value}")
    over, under = number(abs(int(value.p))), number(int(value.q))
    text = over if value.q == 1 else f"({over} / {under})"
    return f"(- {text})" if value < 0 else text


def power(base: str, exponent: Any) -> str:
    """A rational power: whole, or of a root."""
    if not exponent.is_Rational or exponent.q > 2:
        raise Unprovable(f"the power {exponent}")
    base = f"(Num.sqrt {base})" if exponent.q == 2 else base
    found = base if abs(exponent.p) == 1 else f"({base} ^+ {abs(int(exponent.p))})"
    return f"({found}^-1)" if exponent < 0 else found
