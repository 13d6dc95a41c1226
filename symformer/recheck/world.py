"""An expression at concrete sizes and one point: sums written out, definitions followed, inputs drawn."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import permutations
from math import factorial
from random import Random
from typing import Any

from .nodes import Node, Statement
from .numbers import NoValue, Num, Outside, Point, Redraw, Unknown, constant_pi
from .series import Series, call, inverse, plain, power, sign, terms_of

Env = dict[str, int]
TRIES, ROW = 24, 6  # draws of what has to be a square; the longest permutations
RELATIONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "≠": operator.ne, "≤": operator.le, "<": operator.lt, "≥": operator.ge, ">": operator.gt,
}  # fmt: skip
HIDDEN = object()  # −∞: only exp, max and sums know it
WHOLE = {"real": (0, 1, -1, 2, -2), "random": (0, 1, -1, 2, -2), "positive": (1, 2, 3), "nonnegative": (0, 1, 2)}


class Spent(Exception):
    """The budget of steps is used up."""


class Tape:
    """Discrete choices, in the order in which they are first asked for; `turn` goes on to the next combination."""

    def __init__(self, seed: str = "", levels: bool = False, whole: bool = False) -> None:
        self.chosen: dict[Any, list[int]] = {}
        self.random, self.levels, self.whole = Random(seed) if seed else None, levels, whole

    def choose(self, key: Any, count: int) -> int:
        """A number below count, the same one for a key until the tape turns."""
        if key not in self.chosen:
            self.chosen[key] = [self.random.randrange(count) if self.random else 0, count]
        return self.chosen[key][0]

    def turn(self) -> bool:
        """Whether there is another combination, which is then set."""
        while self.chosen:
            key = next(reversed(self.chosen))
            self.chosen[key][0] += 1
            if self.chosen[key][0] < self.chosen[key][1]:
                return True
            del self.chosen[key]
        return False


class World:
    """Values at a point. In a world inside another one an entry (`seed`) varies, or random entries are letters."""

    def __init__(self, statement: Statement, sizes: Env, point: Point, tape: Tape, steps: int) -> None:
        self.tensors, self.sizes, self.point, self.tape = statement.tensors, sizes, point, tape
        self.near = statement.near
        self.memory: dict[Any, Any] = {}
        self.seen: dict[int, set[int]] = {}  # the signs that have come out at a node that compares
        self.needs: dict[int, set[int]] = {}  # those that have to
        self.root, self.steps, self.tries, self.endless = self, steps, 400, False
        self.outer: World | None = None
        self.seed: Any = None
        self.held: tuple[str, ...] = ()
        self.key: Any = ()

    def inside(self, seed: Any, held: tuple[str, ...]) -> World:
        """A world in which an entry carries ε; without a seed, one in which random entries are letters."""
        found = object.__new__(World)
        found.__dict__.update(self.__dict__, outer=self, seed=seed, held=held, key=(self.key, seed, held))
        return found

    def value(self, node: Node, env: Env) -> Any:
        """The value of an expression; what is costly is remembered."""
        self.root.steps -= 1
        if self.root.steps < 0:
            raise Spent
        if node.kind not in KEPT:
            return VALUES[node.kind](self, node, env)
        key = (self.key, id(node), *[env[index] for index in node.free])
        if key not in self.memory:
            self.memory[key] = VALUES[node.kind](self, node, env)
        return self.memory[key]

    def number(self, node: Node, env: Env) -> Any:
        """The value of an expression, which is not −∞."""
        found = self.value(node, env)
        if found is HIDDEN:
            raise Unknown("arithmetic with −∞")
        return found

    def whole(self, node: Node, env: Env) -> int:
        """A whole number, as an index or a size."""
        found = env[node.args[0]] if node.kind == "index" else self.value(node, env)
        if not isinstance(found, (int, Fraction)):
            raise Unknown("an index that is no rational number")
        if found.denominator != 1:
            raise NoValue(f"{found} where a whole number belongs")
        return int(found)

    def rational(self, node: Node, env: Env) -> Any:
        """A rational number; of others it is not known between which whole numbers they are."""
        found = self.number(node, env)
        if not isinstance(found, (int, Fraction)):
            raise Unknown("the whole part of what is no rational number")
        return found

    def settled(self, compute: Callable[[], Any]) -> Any:
        """A value that has to be a square: what was drawn for it is drawn again until it is one."""
        mark = len(self.memory)
        for _ in range(TRIES):
            try:
                return compute()
            except Redraw:
                self.root.tries -= 1
                if len(self.memory) == mark or self.root.tries < 0:
                    break
                while len(self.memory) > mark:
                    self.memory.popitem()
        raise Redraw

    # -- entries ----------------------------------------------------------------------------------------------------

    def entry(self, name: str, place: tuple[int, ...]) -> Any:
        """An entry of a tensor, remembered; what does not vary here has the value that it has outside."""
        if self.outer is not None and not self.varies(name):
            return self.outer.entry(name, place)
        key = (self.key, name, place)
        if key not in self.memory:
            self.memory[key] = self.computed(name, place)
        return self.memory[key]

    def computed(self, name: str, place: tuple[int, ...]) -> Any:
        """An entry by its definition, or drawn; in a world inside another one, what varies."""
        tensor = self.tensors[name]
        if not all(1 <= at <= self.length(name, axis) for axis, at in enumerate(place)):
            raise Outside(f"{tensor.name} has no entry {place}")
        if self.seed and name == self.seed[0]:
            assert self.outer is not None
            value = self.outer.entry(name, place)
            return value + Series({(("ε", str(self.key)),): 1}) if place == self.seed[1] else value
        if tensor.body:
            return self.value(tensor.body, dict(zip(tensor.indices, place, strict=True)))
        return Series({((name, place),): 1}) if self.outer else self.drawn(name, place)

    def length(self, name: str, axis: int) -> int:
        """The size of an axis."""
        key = ("length", name, axis)
        if key not in self.memory:
            self.memory[key] = self.whole(self.tensors[name].shape[axis], {})
        return self.memory[key]

    def varies(self, name: str) -> bool:
        """Whether a tensor is what varies here, or is computed from it; in a loop tensors are computed in a circle."""
        key = (self.key, "varies", name)
        if key not in self.memory:
            found, todo = {name}, [name]
            while todo:
                at = todo.pop()
                names = set() if at in self.held else self.tensors[at].names - found
                todo += names
                found |= names
            self.memory[key] = any(map(self.source, found))
        return bool(self.memory[key])

    def source(self, name: str) -> bool:
        """Whether a tensor is what varies here itself."""
        if self.seed:
            return bool(name == self.seed[0])
        return self.tensors[name].domain["kind"] == "random" and not self.tensors[name].body

    def drawn(self, name: str, place: tuple[int, ...]) -> Any:
        """A random entry of its domain; what is discrete is chosen by the tape."""
        domain = self.tensors[name].domain
        match domain["kind"]:
            case "real" | "random" | "positive" | "nonnegative":
                return self.real(domain["kind"], (name, place))
            case "integer":
                lower = self.whole(domain["lower"], {}) if "lower" in domain else 1
                upper = self.whole(domain["upper"], {}) if "upper" in domain else lower + 3
                self.root.endless |= "upper" not in domain
                return lower + self.tape.choose((name, place), upper - lower + 1)
            case "unit":
                return self.settled(lambda: self.shares(2)[0])
            case "interval":
                low, high = (self.value(end, {}) for end in domain["bounds"])
                return self.settled(lambda: self.between(low, high))
        if not place:
            return self.bit(name, domain)
        key = ("row", name, place[:-1])
        if key not in self.memory:
            self.memory[key] = self.settled(lambda: self.row((name, place[:-1]), domain, self.length(name, -1)))
        return self.memory[key][place[-1] - 1]

    def bit(self, name: str, domain: Any) -> int:
        """A mask without axes: no other domain of rows has none."""
        if domain["kind"] != "mask":
            raise Unknown(f"nothing is drawn from the domain {domain['kind']} here")
        return 1 if domain.get("sees") else self.tape.choose((name, ()), 2)

    def real(self, kind: str, key: Any) -> Any:
        """A number with a sign: a whole one, one of four levels, or any."""
        if self.tape.whole:
            near = [one for one in self.near if one > 0 or kind in ("real", "random")]
            numbers = (*WHOLE[kind], *near)
            return numbers[self.tape.choose(key, len(numbers))]
        sure, f = {"positive": 2, "nonnegative": 1}.get(kind, 0), self.point.random.uniform(0.6, 1.4)
        if self.tape.levels and not sure:
            return self.point.real(f * (1, -1, 3, -3)[self.tape.choose(key, 4)] / 2, 0)
        return self.point.real(f if sure or self.point.random.random() < 0.5 else -f, sure)

    def between(self, low: Any, high: Any) -> Any:
        """A number between two, which is a square where it is positive."""
        found = low + (high - low) * self.shares(2)[0]
        return self.point.positive(found) if low >= 0 else found

    def row(self, key: Any, domain: Any, length: int) -> list[Any]:
        """A row of a domain that speaks of rows."""
        match domain["kind"]:
            case "mask":
                sees = bool(domain.get("sees"))
                bits = sees + self.tape.choose(key, 2**length - sees)
                return [bits >> at & 1 for at in range(length)]
            case "permutation" if length <= ROW:
                return list(permutations(range(1, length + 1)))[self.tape.choose(key, factorial(length))]  # type: ignore[return-value]
            case "simplex":
                return self.shares(length)
            case "sphere":  # from the equator's plane, as seen from a pole
                flat = [self.real("real", (key, at)) for at in range(length - 1)]
                square = sum(one * one for one in flat)
                return [*(2 * one * inverse(square + 1) for one in flat), (1 + -square) * inverse(square + 1)]
        raise Unknown(f"nothing is drawn from the domain {domain['kind']} here")

    def shares(self, count: int) -> list[Any]:
        """Positive numbers with the sum 1."""
        weights = [self.point.real(self.point.random.uniform(0.6, 1.4), 2) for _ in range(count)]
        total = self.point.positive(sum(weights[1:], weights[0]))
        return [weight * total.inverse() for weight in weights] if count > 1 else [1]

    # -- expressions ------------------------------------------------------------------------------------------------

    def terms(self, node: Node, env: Env) -> Iterator[Any]:
        """The values of a body along its index."""
        index, size, body = node.args
        return (self.value(body, {**env, index: at}) for at in range(1, self.whole(size, env) + 1))

    def compared(self, node: Node, gap: Any, outcomes: set[int]) -> int:
        """The sign of a difference; what comes out at a place, and what has to before it is known, is written down."""
        found = sign(gap)
        self.seen.setdefault(id(node), set()).add(found)
        if isinstance(gap, Series) or (isinstance(gap, Num) and gap.sure < 2):
            self.needs.setdefault(id(node), set()).update(outcomes if isinstance(gap, Num) else {-1, 1})
        return found

    def maximum(self, node: Node, terms: list[Any]) -> Any:
        """The largest that is not hidden; 0 where there is none."""
        best: Any = HIDDEN
        for term in terms:
            if best is HIDDEN or (term is not HIDDEN and self.compared(node, term + -best, {-1, 1}) > 0):
                best = term
        return 0 if best is HIDDEN else best

    def holds(self, node: Node, relation: str, env: Env) -> int:
        """1 where a relation between the last two parts of a node holds, else 0."""
        gap = self.number(node.parts[0], env) + -self.number(node.parts[1], env)
        return int(RELATIONS[relation](self.compared(node, gap, {-1, 0, 1}), 0))

    def largest_at(self, node: Node, env: Env) -> int:
        """The place at which a body is largest; of several, the lowest."""
        place, best = 1, None
        for at, term in enumerate(self.terms(node, env), start=1):
            if best is None or self.compared(node, term + -best, {-1, 0, 1}) > 0:
                place, best = at, term
        return place

    def truth(self, node: Node, env: Env) -> int:
        """A condition: 0 or 1."""
        found = self.number(node, env)
        if found not in (0, 1):
            raise Unknown("a condition that is no bit")
        return int(found)

    def joined(self, node: Node, env: Env) -> int:
        """Conditions joined by a word; all are looked at, since each has to have a value."""
        word, *parts = node.args
        found = [self.truth(part, env) for part in parts]
        return 1 - found[0] if word == "not" else (min if word == "and" else max)(found)

    def derivative(self, node: Node, env: Env) -> Any:
        """What ε multiplies in the target."""
        target, entry, held = node.args
        place = tuple(self.whole(part, env) for part in entry.args[1:])
        world = self.inside((entry.args[0], place), held)
        return plain(Series(terms_of(world.number(target, env))).slope(("ε", str(world.key))))

    def expectation(self, node: Node, env: Env) -> Any:
        """Each monomial replaced by its moments."""
        total: Any = 0
        for letters, coefficient in terms_of(self.inside(None, ()).number(node.args[0], env)).items():
            rest = tuple(letter for letter in letters if letter[0] == "ε")
            for letter in {letter for letter in letters if letter[0] != "ε"}:
                moments = self.tensors[letter[0]].moments
                if letters.count(letter) not in moments:
                    raise Unknown(f"moment {letters.count(letter)} of {letter[0]} is not declared")
                coefficient = coefficient * self.value(moments[letters.count(letter)], {})
            total = total + (Series({rest: coefficient}) if rest else coefficient)
        return total

    def function(self, node: Node, env: Env) -> Any:
        """A function: of one argument, or the largest or least of several."""
        name, *parts = node.args
        if name == "exp" and self.value(parts[0], env) is HIDDEN:
            return 0
        if name == "sign":
            return self.compared(node, self.number(parts[0], env), {-1, 0, 1})
        if name in WHOLE_PART:
            return WHOLE_PART[name](*(self.rational(part, env) for part in parts))
        if name in LARGEST:
            return self.maximum(node, LARGEST[name]([self.number(part, env) for part in parts]))
        if name == "minimum":
            return -self.maximum(node, [-self.number(part, env) for part in parts])
        if name not in FUNCTIONS:
            raise Unknown(f"nothing is known of a function called {name}")
        return self.settled(lambda: FUNCTIONS[name](self, self.number(parts[0], env)))


def _sum(terms: Any) -> Any:
    total: Any = 0
    for term in terms:
        if term is HIDDEN or total is HIDDEN:
            total = HIDDEN
        else:
            total = term + total
    return total


def _product(world: World, node: Node, env: Env) -> Any:
    try:
        total = world.number(node.args[0], env)
        for part in node.args[1:]:
            total = world.number(part, env) * total
        return total
    except Outside:  # a guard may have turned it off
        if any(part.kind in GUARDS and world.number(part, env) == 0 for part in node.args):
            return 0
        raise


def _ratio(world: World, node: Node, env: Env) -> Any:
    over = inverse(world.number(node.args[1], env))  # first, so that what stands under its roots is drawn with them
    return over * world.number(node.args[0], env)


def _phi(world: World, x: Any) -> Any:
    root = call("sqrt", 2, world.point)
    return (1 + call("erf", x * inverse(root), world.point)) * Fraction(1, 2)


LARGEST: dict[str, Callable[[list[Any]], list[Any]]] = {
    "maximum": lambda values: values,
    "relu": lambda values: [*values, 0],
    "abs": lambda values: [values[0], -values[0]],
}
WHOLE_PART: dict[str, Callable[..., Any]] = {"floor": lambda x: x // 1, "mod": operator.mod}
GUARDS = ("relation", "delta", "logic")
KEPT = {"sum", "max", "argmax", "function", "derivative", "expectation"}
FUNCTIONS: dict[str, Callable[[World, Any], Any]] = {
    **{name: lambda world, x, name=name: call(name, x, world.point)  # type: ignore[misc]
       for name in ("exp", "log", "sqrt", "sin", "cos", "erf")},
    "sigmoid": lambda world, x: inverse(1 + call("exp", -x, world.point)),
    "tanh": lambda world, x: 1 + -(2 * inverse(1 + call("exp", 2 * x, world.point))),
    "softplus": lambda world, x: call("log", 1 + call("exp", x, world.point), world.point),
    "Phi": _phi,
}  # fmt: skip
VALUES: dict[str, Callable[[World, Node, Env], Any]] = {
    "number": lambda world, node, env: node.args[0],
    "pi": lambda world, node, env: constant_pi(world.point),
    "index": lambda world, node, env: env[node.args[0]],
    "size": lambda world, node, env: world.sizes[node.args[0]],
    "entry": lambda world, node, env: world.entry(node.args[0], tuple(
        [env[part.args[0]] if part.kind == "index" else world.whole(part, env) for part in node.parts])),
    "add": lambda world, node, env: _sum(world.value(part, env) for part in node.args),
    "neg": lambda world, node, env: -world.number(node.args[0], env),
    "mul": _product,
    "div": _ratio,
    "power": lambda world, node, env: power(
        world.number(node.args[0], env), world.number(node.args[1], env), world.point),
    "function": World.function,
    "sum": lambda world, node, env: _sum(world.terms(node, env)),
    "max": lambda world, node, env: world.maximum(node, list(world.terms(node, env))),
    "argmax": World.largest_at,
    "logic": World.joined,
    "where": lambda world, node, env: world.value(node.args[1 if world.truth(node.args[0], env) else 2], env),
    "delta": lambda world, node, env: world.holds(node, "=", env),
    "relation": lambda world, node, env: world.holds(node, node.args[0], env),
    "hidden": lambda world, node, env: HIDDEN if world.compared(
        node, world.number(node.args[1], env), {-1, 0, 1}) == 0 else world.value(node.args[0], env),
    "derivative": World.derivative,
    "expectation": World.expectation,
}  # fmt: skip
