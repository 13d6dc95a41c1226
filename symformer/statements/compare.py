"""Whether plain data says what the page says: read back beside the page's own expressions, part by part.

This shares nothing with the writer but the format, so that a fault of one of them is seen and not repeated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import sympy
from sympy import Dummy, Expr, Symbol

from symformer.notation import Element, Range, Tensor, Written, lift
from symformer.notation.node import Node
from symformer.programs import Loop

HEADS = {
    "Add": "add",
    "Neg": "neg",
    "Mul": "mul",
    "Div": "div",
    "Pow": "power",
    "Delta": "delta",
    "Hidden": "hidden",
    "Expectation": "expectation",
    "Where": "where",
}
NAMED = {"Func": "function", "Indicator": "relation", "Logic": "logic"}  # a name of what they do follows


def difference(
    data: Mapping[str, Any],
    left: Written,
    relation: str,
    right: Written,
    ranges: Mapping[Symbol, Range],
    conditions: Sequence[Any] = (),
) -> str:
    """Where plain data differs from a claim, in words; empty where it says the same."""
    reader = _Reader(data["tensors"])
    try:
        _expect(len(data["ranges"]), len(ranges), "how many free indices there are")
        for name, index in zip(data["ranges"], ranges, strict=True):
            reader.letter(name, index)
        reader.same(data["left"], left)
        reader.same(data["right"], right)
        _expect(data["relation"], relation, "the relation")
        for name, found in zip(data["ranges"], ranges.values(), strict=True):
            reader.size(data["ranges"][name], found.size)
        _expect(len(data["conditions"]), len(conditions), "how many conditions there are")
        for one, condition in zip(data["conditions"], conditions, strict=True):
            reader.condition(one, condition)
        _expect(sorted(reader.tensors), sorted(reader.seen), "the tensors that are named")
    except _Differs as found:
        return str(found)
    return ""


class _Differs(Exception):
    """Data and page part here."""


def _expect(found: Any, wanted: Any, what: str) -> None:
    if found != wanted:
        raise _Differs(f"{what}: {found} was written where the page has {wanted}")


class _Reader:
    """Reads data beside expressions; a tensor's name stands for one tensor, whose table is read once."""

    def __init__(self, tensors: Mapping[str, Any]) -> None:
        self.tensors = tensors
        self.seen: dict[str, tuple[str, ...]] = {}
        self.path: tuple[Loop, ...] = ()
        self.layers: list[Any] = []
        self.letters: dict[Symbol, str] = {}
        self.indices: dict[str, Symbol] = {}

    def letter(self, name: str, index: Symbol) -> None:
        """An index under its name: its own letter with primes, one name for each object and one object for each."""
        _expect(name.rstrip("'"), index.name.rstrip("'"), "an index")
        _expect(self.letters.setdefault(index, name), name, "the name of an index")
        _expect(self.indices.setdefault(name, index), index, f"the index called {name}")

    def same(self, data: Any, node: Node) -> None:
        """Nothing, where the data says what the expression says.

        Raises:
            _Differs: it does not.
        """
        kind = type(node).__name__
        if kind == "Element":
            self.entry(data, node)
        elif kind == "Const":
            _expect(data, ["pi"] if node.head[0] is sympy.pi else ["number", _exact(node.head[0])], "a number")
        elif kind == "Var":
            self.symbol(data, node.head[0])
        elif kind in ("Sum", "Max", "ArgMax"):
            _expect(data[0], kind.lower(), "a binder")
            self.letter(data[1], node.head[0])
            self.size(data[2], node.head[1])
            self.rest(data[3:], node.kids)
        elif kind in NAMED:
            _expect(data[:2], [NAMED[kind], node.head[0]], "an operator")
            self.rest(data[2:], node.kids)
        elif kind == "Derivative":
            self.derivative(data, node)
        else:
            _expect(data[0], HEADS.get(kind), "an operator")
            self.rest(data[1:], node.kids)

    def symbol(self, data: Any, symbol: Symbol) -> None:
        """A size by its name, an index by the name that it has here."""
        if symbol.is_positive:
            _expect(data, ["size", symbol.name], "a size")
            return
        _expect(data[0], "index", "an operator")
        self.letter(data[1], symbol)

    def rest(self, data: Sequence[Any], kids: Sequence[Node]) -> None:
        """Parts one by one."""
        _expect(len(data), len(kids), "how many parts there are")
        for one, kid in zip(data, kids, strict=True):
            self.same(one, kid)

    def entry(self, data: Any, node: Any) -> None:
        """An entry, in the layer whose definitions are being read, and the tensor that it is of."""
        _expect(data[0], "entry", "an operator")
        _expect(data[2 : 2 + len(self.layers)], self.layers, "the layer")
        self.tensor(data[1], node.head[0], self.path)
        self.rest(data[2 + len(self.layers) :], node.kids)

    def derivative(self, data: Any, node: Any) -> None:
        """A derivative; a direct one names all that it holds."""
        _expect(data[0], "derivative", "an operator")
        self.rest(data[1:3], node.kids)
        held = set()
        if "direct" in node.head and isinstance(node.kids[0], Element) and node.kids[0].tensor.origin is not None:
            held = {one.digest for one in node.kids[0].tensor.origin.parents} - {node.kids[1].tensor.digest}
        _expect({self.seen[name][0] for name in data[3] if name in self.seen}, held, "what is held")
        _expect(len(data[3]), len(held), "how much is held")

    def size(self, data: Any, size: Expr) -> None:
        """A size."""
        self.same(data, lift(size))

    def condition(self, data: Any, condition: Any) -> None:
        """A condition: a relation, or a triple."""
        left, relation, right = (
            condition if isinstance(condition, tuple) else (condition.kids[0], condition.head[0], condition.kids[1])
        )
        _expect(data[:2], ["relation", relation], "a condition")
        self.rest(data[2:], (lift(left), lift(right)))

    def tensor(self, name: str, tensor: Tensor, path: tuple[Loop, ...] = ()) -> None:
        """A tensor under its name in the table; in a layer, where it has an axis for each loop around it."""
        is_called = (tensor.digest, *(loop.digest for loop in path))
        if name in self.seen:
            _expect(self.seen[name], is_called, f"the tensor called {name}")
            return
        self.seen[name] = is_called
        table = self.tensors.get(name, {})
        _expect(table.get("name"), tensor.name, "the name of a tensor")
        shape = [*(loop.size for loop in path), *tensor.shape]
        _expect(len(table["shape"]), len(shape), f"the axes of {name}")
        for one, size in zip(table["shape"], shape, strict=True):
            self.size(one, size)
        self.domain(table["domain"], tensor)
        if tensor.origin is None and not path:
            _expect(table["definition"], None, f"the definition of {name}")
            return
        data = table["definition"]
        _expect(isinstance(data, dict) and set(data), {"indices", "body"}, f"the definition of {name}")
        _expect(len(data["indices"]), len(shape), f"the indices of {name}")
        self.definition(data, tensor, path)

    def definition(self, data: Any, tensor: Tensor, path: tuple[Loop, ...]) -> None:
        """How a tensor is computed; what is no object of ours has a name that stands for nothing else."""
        computed = tensor.origin is not None and tensor.origin.size is None
        unnamed = data["indices"][: len(path)] if computed else data["indices"]
        for letter in unnamed:
            self.letter(letter, Dummy(letter.rstrip("'")))
        layers, axes = ([["index", letter] for letter in part]
                        for part in (unnamed[: len(path)], unnamed[len(path) :]))  # fmt: skip
        if tensor.origin is None:
            self.formal(data["body"], tensor, path, layers, axes)
        elif tensor.origin.size is not None:
            loop = tensor.origin.loop
            at = [self.last(data["body"], loop, len(layers))] if tensor.origin.last else []
            self.stands(data["body"], tensor.origin.result, (*path, loop), [*layers, *at, *axes])
        else:
            outside, self.path, self.layers = (self.path, self.layers), path, layers
            for letter, index in zip(data["indices"][len(path) :], tensor.origin.definition.indices, strict=True):
                self.letter(letter, index)
            self.same(data["body"], tensor.origin.definition.body)
            self.path, self.layers = outside

    def last(self, data: Any, loop: Loop, place: int) -> Any:
        """The index of the last layer, as it is written at a place."""
        if loop.downwards:
            return ["number", "1"]
        self.size(data[2 + place], loop.size)
        return data[2 + place]

    def stands(self, data: Any, tensor: Tensor, path: tuple[Loop, ...], indices: list[Any]) -> None:
        """An entry of a tensor at these indices."""
        _expect([data[0], *data[2:]], ["entry", *indices], f"an entry of {tensor.name}")
        self.tensor(data[1], tensor, path)

    def formal(self, data: Any, tensor: Tensor, path: tuple[Loop, ...], layers: list[Any], axes: list[Any]) -> None:
        """An input of a layer: what comes from the layer before, a slice, or the same in each."""
        loop, outer = path[-1], path[:-1]
        carried = {one.formal: one for one in loop.carried}
        if tensor in carried:
            _expect(data[0], "where", "what is carried")
            _, (relation, sign, layer, first), start, earlier = data
            _expect([relation, sign, layer], ["relation", "=", layers[-1]], "which layer is the first")
            self.size(first, loop.size) if loop.downwards else _expect(first, ["number", "1"], "the first layer")
            self.stands(start, carried[tensor].start, outer, [*layers[:-1], *axes])
            before = ["add", layers[-1], ["number", "1" if loop.downwards else "-1"]]
            self.stands(earlier, carried[tensor].after, path, [*layers[:-1], before, *axes])
            return
        each = {one.formal: one.actual for one in loop.each}
        shared = {one.formal: one.actual for one in loop.shared}
        where = layers if tensor in each else layers[:-1]
        self.stands(data, (each if tensor in each else shared)[tensor], outer, [*where, *axes])

    def domain(self, data: Mapping[str, Any], tensor: Tensor) -> None:
        """Where the entries of a tensor live."""
        said = {key: value for key, value in vars(tensor.domain).items() if value not in (None, False, ())}
        _expect(set(data), set(said), f"what is said of {tensor.name}")
        for key, value in said.items():
            if key == "moments":
                _expect([order for order, _ in data[key]], [order for order, _ in value], "the moments")
                for (_, one), (_, moment) in zip(data[key], value, strict=True):
                    self.size(one, moment)
            elif isinstance(value, Expr):
                self.size(data[key], value)
            elif isinstance(value, tuple):
                _expect(len(data[key]), len(value), f"what is said of {tensor.name}")
                for one, end in zip(data[key], value, strict=True):
                    self.size(one, end)
            else:
                _expect(data[key], value, f"what is said of {tensor.name}")


def _exact(value: Any) -> str:
    return str(Fraction(int(value.p), int(value.q)))
