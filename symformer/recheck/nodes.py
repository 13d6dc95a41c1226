"""Statements as they are read: trees whose nodes know their free indices and the tensors that they name."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

COMPARE = ("relation", "delta", "max", "argmax", "hidden")
PLACED = ("number", "index", "size", "argmax", "relation", "delta", "logic")
ARITHMETIC = ("add", "neg", "mul", "div", "power", "sum")
BINDERS = ("sum", "max", "argmax")
LARGEST = ("relu", "abs", "maximum", "minimum", "sign")  # functions that choose


class Node:
    """An expression: its kind, its arguments, its free indices and the tensors that it names."""

    def __init__(self, kind: str, *args: Any) -> None:
        self.kind, self.args = kind, args
        self.parts = [one for one in args if isinstance(one, Node)]
        free = {args[0]} if kind == "index" else {index for one in self.parts for index in one.free}
        self.free: tuple[str, ...] = tuple(sorted(free - ({args[0]} if kind in BINDERS else set())))
        own = {args[0]} if kind == "entry" else set()
        self.names: frozenset[str] = frozenset(own.union(*(one.names for one in self.parts)))

    @property
    def chooses(self) -> bool:
        """Whether it is a function that compares its arguments."""
        return self.kind == "function" and self.args[0] in LARGEST

    def all(self) -> Iterator[Node]:
        """The node and all that is in it."""
        yield self
        for part in self.parts:
            yield from part.all()


class Tensor:
    """A tensor of the table: its name, shape, domain, and, where it is defined, the indices and body of that."""

    def __init__(self, data: Any) -> None:
        self.name, self.shape, self.domain = data["name"], [read(size) for size in data["shape"]], dict(data["domain"])
        for end in {"upper", "lower"} & set(self.domain):
            self.domain[end] = read(self.domain[end])
        self.domain["bounds"] = [read(end) for end in self.domain.get("bounds", ())]
        self.moments = {order: read(moment) for order, moment in self.domain.get("moments", ())}
        definition = data["definition"]
        self.indices: list[str] = definition["indices"] if definition else []
        self.body = read(definition["body"]) if definition else None
        self.names: frozenset[str] = self.body.names if self.body else frozenset()

    def parts(self) -> list[Node]:
        """All expressions in it."""
        ends = [one for one in self.domain.values() if isinstance(one, Node)]
        body = [self.body] if self.body else []
        return [*self.shape, *ends, *self.domain["bounds"], *self.moments.values(), *body]


def read(data: Any) -> Node:
    """An expression from lists; what a derivative holds are names."""
    kind, *args = data
    if kind == "number":
        value = Fraction(args[0])
        return Node(kind, int(value) if value.denominator == 1 else value)
    if kind == "derivative":
        return Node(kind, read(args[0]), read(args[1]), tuple(args[2]))
    node = Node(kind, *(read(one) if isinstance(one, list) else one for one in args))
    if node.args[:1] == ("clip",) and kind == "function":  # two comparisons, each of which has to come out every way
        return Node(kind, "minimum", Node(kind, "maximum", *node.args[1:3]), node.args[3])
    return node


class Statement:
    """Two sides, the ranges of free indices, conditions, and the tensors by their names."""

    def __init__(self, data: Any) -> None:
        self.left, self.right = read(data["left"]), read(data["right"])
        self.ranges = {index: read(size) for index, size in data["ranges"].items()}
        self.conditions = [read(one) for one in data["conditions"]]
        self.tensors = {name: Tensor(one) for name, one in data["tensors"].items()}
        inside = [part for one in self.tensors.values() for part in one.parts()]
        tops = [self.left, self.right, *self.ranges.values(), *self.conditions, *inside]
        self.nodes = [node for top in tops for node in top.all()]
        self.kinds = sorted({node.args[0] for node in self.nodes if node.kind == "size"})
        compared = [one for node in self.nodes if node.kind in COMPARE or node.chooses for one in node.all()]
        numbers = sorted({abs(one.args[0]) for one in compared if one.kind == "number"} - {0, 1, 2})[:3]
        self.near = [at for one in numbers for at in (one, -one, one + 1, -one - 1)]
        self.spans = dict(self.ranges)
        self.spans.update({one.args[0]: one.args[1] for one in self.nodes if one.kind in BINDERS})
        for tensor in self.tensors.values():
            self.spans.update(zip(tensor.indices, tensor.shape, strict=False))
        self.least: dict[str, Fraction | int] = {}  # what each kind of size has to reach before places are told apart
        for node in self.nodes:
            for part, size in self.places(node):
                numbers = [one for inner in part for one in inner.all() if one.kind == "number"]
                for kind in {one.args[0] for one in size.all() if one.kind == "size"}:
                    self.least[kind] = max(
                        self.least.get(kind, 0), sum(abs(one.args[0]) for one in numbers), _depth(node) - 1
                    )

    def places(self, node: Node) -> Iterator[tuple[list[Node], Node]]:
        """What is compared with places, or stands for one, and the size up to which these places go."""
        if node.kind == "entry":
            for part, size in zip(node.parts, self.tensors[node.args[0]].shape, strict=True):
                yield [part], size
        elif node.kind in ("delta", "relation") and any(self.placed(part) and not _fixed(part) for part in node.parts):
            for one in node.all():
                if one.kind in ("index", "size"):
                    yield node.parts, self.spans.get(one.args[0], one) if one.kind == "index" else one

    def placed(self, node: Node) -> bool:
        """Whether it is computed from places, sizes and bits alone, whatever numbers stand in the tensors."""
        if node.kind == "entry":
            return self.tensors[node.args[0]].domain["kind"] in ("integer", "permutation", "mask")
        return node.kind in PLACED or (node.kind in ARITHMETIC and all(map(self.placed, node.parts)))


def _fixed(node: Node) -> bool:
    return all(one.kind in ("number", "neg", "div") for one in node.all())


def _depth(node: Node) -> int:
    return (node.kind == "entry") + max([0, *(_depth(part) for part in node.parts)])
