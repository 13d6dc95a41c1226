"""Statements as plain data: two sides as they are written, the definitions behind them, ranges, domains, conditions.

Nothing is opened, substituted, renamed or simplified here, and nothing that a judge has computed goes in: an
expression becomes a list that begins with the name of its kind, a tensor an entry of a table. `recheck` reads this.

    ["sum", "k", ["size", "n"], ["mul", ["entry", "P", ["index", "i"], ["index", "k"]], ...]]

A tensor of a loop's layer has the layer as its first index. What goes from layer to layer is what the loop starts from
in the first one, and what the layer before made of it in every other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import sympy
from sympy import Dummy, Expr, Symbol

from symformer.notation import (
    Add,
    ArgMax,
    Const,
    Delta,
    Derivative,
    Div,
    Domain,
    Element,
    Expectation,
    Func,
    Hidden,
    Indicator,
    Logic,
    Max,
    Mul,
    Neg,
    Pow,
    Range,
    Sum,
    Tensor,
    Var,
    Where,
    Written,
    lift,
)
from symformer.notation.node import Node
from symformer.programs import Loop

FORMAT = "symformer statements 1"
Data = list[Any]


Path = tuple[Loop, ...]  # the loops in whose layer a tensor is, the outermost first


class Unwritable(ValueError):
    """A claim that has no plain form, such as one with two sizes of one name."""


def statement(
    left: Written,
    relation: str,
    right: Written,
    ranges: Mapping[Symbol, Range],
    conditions: Iterable[Any] = (),
) -> dict[str, Any]:
    """A claim as plain data.

    Args:
        left: the line before.
        relation: what it claims.
        right: the line.
        ranges: what its free indices run over.
        conditions: relations under which it is claimed: `Indicator` nodes, or triples (left, relation, right).

    Raises:
        Unwritable: something in it has no plain form.
    """
    writer = _Writer()
    return {
        "left": writer.written(left),
        "relation": relation,
        "right": writer.written(right),
        "ranges": {writer.index(index): writer.size(found.size) for index, found in ranges.items()},
        "conditions": [writer.condition(one) for one in conditions],
        "tensors": writer.tensors,
    }


class _Writer:
    """Writes expressions, and collects the tensors that they name."""

    def __init__(self) -> None:
        self.tensors: dict[str, dict[str, Any]] = {}
        self.names: dict[tuple[str, ...], str] = {}
        self.path: Path = ()
        self.layer: list[Data] = []
        self.letters: dict[Symbol, str] = {}
        self.sizes: dict[str, Symbol] = {}

    def index(self, index: Symbol) -> str:
        """The name of an index: one for each object, since two binders may have one letter."""
        if index not in self.letters:
            name, taken = index.name, set(self.letters.values())
            while name in taken:
                name += "'"
            self.letters[index] = name
        return self.letters[index]

    def written(self, node: Node) -> Data:
        """An expression."""
        rule = _RULES.get(type(node))
        if rule is None:
            raise Unwritable(f"{type(node).__name__} has no plain form")
        return rule(self, node)

    def parts(self, node: Node) -> list[Data]:
        """The parts of an expression, in order."""
        return [self.written(kid) for kid in node.kids]

    def size(self, size: Expr) -> Data:
        """A size: a number, a letter, or arithmetic with them."""
        return self.written(lift(size))

    def condition(self, one: Any) -> Data:
        """A relation under which the claim stands."""
        left, relation, right = (*one.kids[:1], one.head[0], *one.kids[1:]) if isinstance(one, Indicator) else one
        return ["relation", relation, self.written(lift(left)), self.written(lift(right))]

    def entry(self, node: Element) -> Data:
        """An entry of a tensor that stands outside of loops, or in the layer whose definitions are being written."""
        return ["entry", self.tensor(node.tensor, self.path), *self.layer, *self.parts(node)]

    def tensor(self, tensor: Tensor, path: Path = ()) -> str:
        """The name of a tensor in the table; two of one name are told apart."""
        key = (tensor.digest, *(loop.digest for loop in path))
        known = self.names.get(key)
        if known is not None:
            return known
        name, number = tensor.name, 1
        while name in self.tensors:
            number += 1
            name = f"{tensor.name} #{number}"
        self.names[key] = name
        self.tensors[name] = {}
        self.tensors[name].update(
            name=tensor.name,
            shape=[self.size(size) for size in (*(loop.size for loop in path), *tensor.shape)],
            domain=self.domain(tensor.domain),
            definition=self.definition(tensor, path),
        )
        return name

    def domain(self, domain: Domain) -> dict[str, Any]:
        """Where entries live; what is not said is left out."""
        out: dict[str, Any] = {"kind": domain.kind}
        for name, value in vars(domain).items():
            if name == "moments":
                out.update({name: [[order, self.size(moment)] for order, moment in value]} if value else {})
            elif name != "kind" and value is not None and value is not False:
                ends = [self.size(end) for end in value] if isinstance(value, tuple) else value
                out[name] = self.size(value) if isinstance(value, Expr) else ends
        return out

    def definition(self, tensor: Tensor, path: Path) -> dict[str, Any] | None:
        """How a tensor is computed: its textbook definition; None for an input."""
        if not path and tensor.origin is None:
            return None
        layers = [self.fresh("layer") for _ in path]
        if tensor.origin is None or tensor.origin.size is not None:
            axes = [self.fresh("axis") for _ in tensor.shape]
            if tensor.origin is None:
                body = self.formal(tensor, path, layers, axes)
            else:
                body = self.repeated(tensor.origin, path, layers, axes)
            return {"indices": [*layers, *axes], "body": body}
        outside, self.path, self.layer = (self.path, self.layer), path, _indices(layers)
        definition = tensor.origin.definition
        indices = [self.index(index) for index in definition.indices]
        body = self.written(definition.body)
        self.path, self.layer = outside
        return {"indices": [*layers, *indices], "body": body}

    def formal(self, tensor: Tensor, path: Path, layers: list[str], axes: list[str]) -> Data:
        """What an input of a layer stands for there."""
        (*outer, loop), (*before, layer), own = path, _indices(layers), _indices(axes)
        for carried in loop.carried:
            if carried.formal == tensor:
                step = ["number", "1" if loop.downwards else "-1"]
                earlier = ["entry", self.tensor(carried.after, path), *before, ["add", layer, step], *own]
                start = ["entry", self.tensor(carried.start, tuple(outer)), *before, *own]
                return ["where", ["relation", "=", layer, self.end(loop, first=True)], start, earlier]
        for bound in loop.each:
            if bound.formal == tensor:
                return ["entry", self.tensor(bound.actual, tuple(outer)), *before, layer, *own]
        actual = next(bound.actual for bound in loop.shared if bound.formal == tensor)
        return ["entry", self.tensor(actual, tuple(outer)), *before, *own]

    def repeated(self, origin: Any, path: Path, layers: list[str], axes: list[str]) -> Data:
        """What comes out of a loop: a tensor of its last layer, or of the one that the first axis names."""
        layer = [self.end(origin.loop, first=False)] if origin.last else []
        name = self.tensor(origin.result, (*path, origin.loop))
        return ["entry", name, *_indices(layers), *layer, *_indices(axes)]

    def end(self, loop: Loop, *, first: bool) -> Data:
        """The number of a loop's first layer, or of its last."""
        return ["number", "1"] if first != loop.downwards else self.size(loop.size)

    def fresh(self, letter: str) -> str:
        """The name of an index that no object has."""
        return self.index(Dummy(letter))


def _indices(names: list[str]) -> list[Data]:
    return [["index", name] for name in names]


def _constant(writer: _Writer, node: Any) -> Data:
    if node.value is sympy.pi:
        return ["pi"]
    return ["number", str(node.value)]


def _variable(writer: _Writer, node: Any) -> Data:
    if not node.symbol.is_positive:
        return ["index", writer.index(node.symbol)]
    if writer.sizes.setdefault(node.symbol.name, node.symbol) != node.symbol:
        raise Unwritable(f"two sizes are called {node.symbol.name}")
    return ["size", node.symbol.name]


def _derivative(writer: _Writer, node: Any) -> Data:
    target, entry = writer.parts(node)
    return ["derivative", target, entry, _held(writer, node)]


def _held(writer: _Writer, node: Any) -> list[str]:
    """What a direct derivative holds: all that its target is computed from, but the entry's own tensor."""
    target, entry = node.kids
    if not node.head or not isinstance(target, Element) or target.tensor.origin is None:
        return []
    return [writer.tensor(one, writer.path) for one in target.tensor.origin.parents if one != entry.tensor]


def _binder(kind: str) -> Callable[[_Writer, Any], Data]:
    def write(writer: _Writer, node: Any) -> Data:
        return [kind, writer.index(node.index), writer.size(node.size), writer.written(node.body)]

    return write


def _plain(kind: str) -> Callable[[_Writer, Any], Data]:
    return lambda writer, node: [kind, *writer.parts(node)]


_RULES: dict[type, Callable[[_Writer, Any], Data]] = {
    Const: _constant,
    Var: _variable,
    Element: _Writer.entry,
    Add: _plain("add"),
    Neg: _plain("neg"),
    Mul: _plain("mul"),
    Div: _plain("div"),
    Pow: _plain("power"),
    Func: lambda writer, node: ["function", node.name, *writer.parts(node)],
    Sum: _binder("sum"),
    Max: _binder("max"),
    ArgMax: _binder("argmax"),
    Delta: _plain("delta"),
    Indicator: lambda writer, node: ["relation", node.relation, *writer.parts(node)],
    Logic: lambda writer, node: ["logic", node.word, *writer.parts(node)],
    Where: _plain("where"),
    Hidden: _plain("hidden"),
    Derivative: _derivative,
    Expectation: _plain("expectation"),
}
