"""How large the sizes of a statement have to be tried: letters are counted after denominators are cleared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import count
from typing import Any

from .nodes import BINDERS, Node, Statement

ZERO, ONE = Fraction(0), Fraction(1)
PLAIN = {"real", "positive", "nonnegative", "random"}  # domains in which each entry is free of the others
SAME = {"add", "neg"}
INDEX = {"number", "size", "index", "neg"}


@dataclass(frozen=True)
class Terms:
    """A sum of products over denominators (`under`: key to power and count), as one kind of size sees it.

    `letters` are the most in one product, `low` and `high` the powers of the size as a value.
    """

    letters: int = 0
    low: Fraction = ZERO
    high: Fraction = ZERO
    under: Mapping[Any, tuple[int, Terms]] = field(default_factory=dict)

    @property
    def opaque(self) -> bool:
        """Whether it is a function of the data at its letters, whatever the size is."""
        return not (self.letters or self.low or self.high) and all(one.opaque for _, one in self.under.values())

    def times(self, other: Terms) -> Terms:
        """The product."""
        under = {**self.under, **other.under}
        for key in self.under.keys() & other.under.keys():
            under[key] = (self.under[key][0] + other.under[key][0], under[key][1])
        return Terms(self.letters + other.letters, self.low + other.low, self.high + other.high, under)

    def over(self, under: Mapping[Any, tuple[int, Terms]]) -> Terms:
        """The same over larger denominators."""
        found = self
        for key, (power, one) in under.items():
            for _ in range(power - self.under.get(key, (0, one))[0]):
                found = found.times(replace(one, under={}))
        return replace(found, under=under)


def added(parts: list[Terms]) -> Terms:
    """The sum, over the least common denominator."""
    under: dict[Any, tuple[int, Terms]] = {}
    for key, (power, one) in [item for part in parts for item in part.under.items()]:
        under[key] = (max(power, under.get(key, (0, one))[0]), one)
    wide = [part.over(under) for part in parts] or [Terms()]
    return Terms(max(one.letters for one in wide), min(one.low for one in wide), max(one.high for one in wide), under)


def shape(node: Any, env: Mapping[str, Any]) -> Any:
    """An expression with letters in place of its indices: a key that no name of a bound index is in."""
    if not isinstance(node, Node):
        return node
    if node.kind == "index":
        return env[node.args[0]]
    if node.kind in BINDERS:
        return (node.kind, shape(node.args[1], env), shape(node.args[2], {**env, node.args[0]: ("bound", len(env))}))
    return (node.kind, *(shape(one, env) for one in node.args))


def inside(key: Any) -> Iterator[Any]:
    """A tuple and all that is in it."""
    yield key
    for part in key if isinstance(key, tuple) else ():
        yield from inside(part)


class Count:
    """What one kind of size needs, where others need no more than `done`; `sure` where the theorem says so."""

    def __init__(self, statement: Statement, kind: str, done: Mapping[str, int]) -> None:
        self.tensors, self.kind, self.done = statement.tensors, kind, done
        self.sure, self.marks, self.fresh = not statement.conditions, 0, count()
        self.own: set[Any] = set()
        self.memory: dict[Any, Terms] = {}
        env = {index: self.letter(size) for index, size in statement.ranges.items()}
        both = added([self.terms(side, env) for side in (statement.left, statement.right)])
        degree = (both.high - both.low) * (2 if {both.low.denominator, both.high.denominator} != {1} else 1)
        self.needed = 1 + len(self.own & set(env.values())) + both.letters + self.marks + int(degree)

    def has(self, size: Node) -> bool:
        """Whether a size is computed from this kind's."""
        return any(node.kind == "size" and node.args[0] == self.kind for node in size.all())

    def letter(self, size: Node) -> Any:
        """A new letter that runs over a size; a size that is computed from this kind's is beyond the theorem."""
        token = ("letter", next(self.fresh))
        if size.kind == "size" and size.args[0] == self.kind:
            self.own.add(token)
        self.sure &= size.kind == "size" or not self.has(size)
        return token

    def known(self, terms: Terms, key: Any, most: int = 9) -> Terms:
        """What is done to a function of the data at so many letters gives another; else the theorem is silent."""
        self.sure &= terms.opaque and len(self.own.intersection(inside(key))) <= most
        return Terms()

    def place(self, node: Node, env: Mapping[str, Any]) -> Any:
        """An index as it stands: a letter, or a number, an end or an offset, which count as marks."""
        parts = node.parts if node.kind == "add" else [node]
        self.sure &= all(one.kind in INDEX for part in parts for one in part.all()) and (
            sum(part.kind == "index" for part in parts) < 2)  # fmt: skip
        numbers = [abs(one.args[0]) for one in node.all() if one.kind == "number"]
        self.marks += 0 if node.kind == "index" else 2 + int(sum(numbers))
        return shape(node, env)

    def terms(self, node: Node, env: Mapping[str, Any]) -> Terms:
        """The count of an expression."""
        kind, parts = node.kind, node.parts
        if kind in ("number", "pi"):
            return Terms()
        if kind in ("size", "index"):
            own = node.args[0] == self.kind if kind == "size" else env[node.args[0]] in self.own
            return Terms(0, ONE if own and kind == "size" else ZERO, ONE * own)
        if kind in SAME:
            return added([self.terms(part, env) for part in parts])
        if kind in ("delta", "relation"):
            for part in parts:
                self.place(part, env)
            return Terms()
        found: Terms = getattr(self, kind, self.other)(node, env)
        return found

    def mul(self, node: Node, env: Mapping[str, Any]) -> Terms:
        """A product."""
        found = Terms()
        for part in node.parts:
            found = found.times(self.terms(part, env))
        return found

    def div(self, node: Node, env: Mapping[str, Any]) -> Terms:
        """A ratio."""
        return self.terms(node.args[0], env).times(self.inverse(node.args[1], env))

    def inverse(self, node: Node, env: Mapping[str, Any]) -> Terms:
        """One over an expression: a power of the size, or a denominator under a key."""
        found, key = self.terms(node, env), shape(node, env)
        if found == Terms(0, found.low, found.low):
            return Terms(0, -found.low, -found.low)
        self.known(Terms(), key, 1 if found.opaque else 9)
        return replace(Terms().over(found.under), under={key: (1, replace(found, under={}))})

    def power(self, node: Node, env: Mapping[str, Any]) -> Terms:
        """A whole power is a product; another one, of data at one letter, is data."""
        base, exponent = node.args
        times = exponent.args[0] if exponent.kind == "number" else Fraction(1, 2)
        if times.denominator != 1:
            return self.known(added([self.terms(part, env) for part in node.parts]), shape(node, env), 1)
        one, found = self.terms(base, env) if times > 0 else self.inverse(base, env), Terms()
        for _ in range(abs(int(times))):
            found = found.times(one)
        return found

    def function(self, node: Node, env: Mapping[str, Any]) -> Terms:
        """A function of data; the root of a power of the size is one."""
        name, *parts = node.args
        found = added([self.terms(part, env) for part in parts])
        if name == "sqrt" and found == Terms(0, found.low, found.low):
            return Terms(0, found.low / 2, found.low / 2)
        return self.known(found, shape(node, env), 1 if name in ("sqrt", "log") else 9)

    def sum(self, node: Node, env: Mapping[str, Any]) -> Terms:
        """A sum: one letter more; over another kind, what stands under it stands there as often as that has letters."""
        index, size, body = node.args
        token = self.letter(size)
        found = self.terms(body, {**env, index: token})
        moving = {key for key in found.under if token in inside(key)}
        times = (
            int(size.args[0]) if size.kind == "number" else self.done.get(size.args[0]) if size.kind == "size" else 0
        )
        if token in self.own or not times:
            self.sure &= all(found.under[key][1].opaque for key in moving)
            times = 1
        wide = found.over({key: (power * (times if key in moving else 1), one)
                           for key, (power, one) in found.under.items()})  # fmt: skip
        under = {key: one for key, one in wide.under.items() if key not in moving or not one[1].opaque}
        return replace(wide, letters=wide.letters + (token in self.own), under=under)

    def derivative(self, node: Node, env: Mapping[str, Any]) -> Terms:
        """A derivative: denominators are squared."""
        for part in node.args[1].parts:
            self.place(part, env)
        found = self.terms(node.args[0], env)
        return found.over({key: (2 * power, under) for key, (power, under) in found.under.items()})

    def expectation(self, node: Node, env: Mapping[str, Any]) -> Terms:
        """An expectation is linear."""
        return self.terms(node.args[0], env)

    def other(self, node: Node, env: Mapping[str, Any]) -> Terms:
        """Anything else is beyond the theorem."""
        self.sure = False
        return Terms()

    def entry(self, node: Node, env: Mapping[str, Any]) -> Terms:
        """An entry: what it is defined as, or data at its letters."""
        tensor, tokens = self.tensors[node.args[0]], tuple(self.place(part, env) for part in node.parts)
        self.sure &= all(size.kind == "size" or not self.has(size) for size in tensor.shape)
        if tensor.body:
            key = (node.args[0], tokens)
            if key not in self.memory:
                self.memory[key] = self.terms(tensor.body, dict(zip(tensor.indices, tokens, strict=True)))
            return self.memory[key]
        kind, last = tensor.domain["kind"], tensor.shape[-1:]
        if kind == "simplex" and last[0].kind == "size" and last[0].args[0] == self.kind:
            return Terms(under={("simplex", node.args[0], *tokens[:-1]): (1, Terms(1))})
        free = kind in PLAIN or (kind == "mask" and not tensor.domain.get("sees"))
        self.sure &= free or not any(map(self.has, tensor.parts()))
        return Terms()


def sizes_needed(statement: Statement) -> tuple[dict[str, int], bool]:
    """How far each kind of size has to be tried, and whether that is enough for every size."""
    done: dict[str, int] = {}
    while len(done) < len(statement.kinds):
        found = {kind: Count(statement, kind, done) for kind in statement.kinds if kind not in done}
        sure = [kind for kind, one in found.items() if one.sure]
        if not sure:
            return {**done, **{kind: one.needed for kind, one in found.items()}}, False
        kind = min(sure, key=lambda kind: found[kind].needed)
        done[kind] = found[kind].needed
    return done, True
