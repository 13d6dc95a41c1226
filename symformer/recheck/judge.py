"""The second judge: a verdict on a plain statement."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from .letters import sizes_needed
from .nodes import Statement
from .numbers import RANGE, NoValue, Num, Point, Redraw, Unknown
from .world import HIDDEN, RELATIONS, Env, Spent, Tape, World

CHOICES, MANY, ATTEMPTS = 48, 8, 40  # choices gone through, points beyond, draws
FIRST, MORE, SOME = 120_000, 9_000, 1_000  # steps for small sizes, and for what the theorem wants beside or might
BESIDE, LISTED = 3_000, 16_000  # steps for signs, and for going through choices one by one
EQUATIONS_ALONE = "this judge looks at equations alone"
HARMLESS = {"sqrt", "relu", "sin", "cos"}  # functions of which no exponent is made


@dataclass(frozen=True)
class Opinion:
    """`confirmed`, `refuted`, `undecided` or `malformed`, and why.

    Attributes:
        kind: the verdict.
        words: why.
        sizes: the sizes at which both sides had a value.
        every: whether these are every size, by the theorem.
        bits: where it is confirmed, the binary logarithm of one over the error's bound; 0 where there is none.
    """

    kind: str
    words: str
    sizes: tuple[Env, ...] = ()
    every: bool = False
    bits: int = 0


def opinion(statement: Any) -> Opinion:
    """The verdict on a statement as `symformer check --export` writes it."""
    if "unwritable" in statement:
        return Opinion("undecided", statement["unwritable"])
    if "general" in statement and (found := opinion(statement["general"])).kind == "confirmed":
        return found
    try:
        return _Judge(Statement(statement), statement["relation"]).opinion()
    except RecursionError:
        return Opinion("malformed", "a definition that uses itself")
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        return Opinion("malformed", f"{type(error).__name__}: {error}")
    except (Unknown, NoValue, ZeroDivisionError) as reason:
        return Opinion("undecided", str(reason))
    except Redraw:
        return Opinion("undecided", "no point is found at which all that has to be positive is a square")
    except Spent:
        return Opinion("undecided", "too large to be looked at")


def agrees(found: Opinion, expected: str | None) -> bool:
    """Whether a verdict goes with what is expected; where nothing is decided it does."""
    return found.kind not in ("malformed", "confirmed" if expected == "refuted" else "refuted")


def parted(total: int, most: list[int]) -> Iterator[list[int]]:
    """Every way to part a number into some of these sizes or less, one at a time: there may be billions."""
    if not most:
        yield from [[]] * (total == 0)
        return
    for first in range(max(0, total - sum(most[1:])), min(total, most[0]) + 1):
        for rest in parted(total - first, most[1:]):
            yield [first, *rest]


class _Judge:
    def __init__(self, statement: Statement, relation: str) -> None:
        self.statement, self.relation, self.kinds = statement, relation, statement.kinds
        functions = {node.args[0] for node in statement.nodes if node.kind == "function"}
        powers = any(node.kind == "power" and node.args[1].kind != "number" for node in statement.nodes)
        self.deep = powers or bool(functions - HARMLESS)
        self.points = 2 if self.deep else 1  # a choice: the bound of one point is far smaller without exponentials
        self.signed, self.complete, self.steps = False, True, FIRST
        self.bits: int | None = None  # as long as nothing but rational numbers was compared
        self.reached: list[Env] = []
        self.seen: dict[int, set[int]] = {}
        self.needs: dict[int, set[int]] = {}

    def opinion(self) -> Opinion:
        if self.relation != "=":
            return Opinion("undecided", EQUATIONS_ALONE)
        needed, sure = sizes_needed(self.statement)
        found = self.over(self.small(), FIRST) or self.over(self.rest(needed), MORE if sure else SOME)
        if found:
            return found
        if not self.large:
            return Opinion("undecided", "no point is found where both sides have a value")
        if any(outcomes - self.seen[node] for node, outcomes in self.needs.items()):
            return Opinion("undecided", "a comparison has come out one way alone")
        for kind, least in self.statement.least.items():
            if max(sizes[kind] for sizes in self.reached) < least:
                return Opinion("undecided", f"no {kind} beyond {least} is within the budget")
        sure = sure and self.complete and not self.signed
        words = f"at {self.most()}{' (every size)' if sure else ''}" if self.kinds else "at random points"
        return Opinion("confirmed", words, tuple(self.reached), sure, max(self.bits or 0, 0))

    def most(self) -> str:
        """How far each kind of size went: `d, n ≤ 3 and m ≤ 4`."""
        reached: dict[int, list[str]] = {}
        for kind in self.kinds:
            reached.setdefault(max(sizes[kind] for sizes in self.reached), []).append(kind)
        return " and ".join(f"{', '.join(kinds)} ≤ {most}" for most, kinds in reached.items())

    def over(self, choices: Iterator[Env], steps: int) -> Opinion | None:
        """The verdict after some choices of sizes, if there is one already."""
        self.steps = steps
        for sizes in choices:
            try:
                found = self.at(sizes) if self.allowed(sizes) else None
            except (NoValue, ZeroDivisionError):
                self.complete = False
                continue
            except (Spent, Redraw):
                self.complete = False
                if not self.reached:
                    raise
                self.steps = steps = steps // 2
                if self.large or not steps:
                    break
                continue
            if found:
                return found
        return None

    def allowed(self, sizes: Env) -> bool:
        """Whether sizes satisfy the conditions; those of entries are outside."""
        world = World(self.statement, sizes, Point("", 0, False), Tape(), 10_000)
        if any(condition.names for condition in self.statement.conditions):
            raise Unknown("a condition on entries")
        return all(RELATIONS[one.args[0]](world.value(one.args[1], {}), world.value(one.args[2], {}))
                   for one in self.statement.conditions)  # fmt: skip

    def small(self) -> Iterator[Env]:
        """Small sizes: all of them 1, then such that neighbours differ; where that is too much, less."""
        for row in ([1], [2, 3, 4] if len(self.kinds) < 4 else [2, 3], [3, 2], [2]):
            if row == [2] and self.large:
                break
            yield {kind: row[place % len(row)] for place, kind in enumerate(self.kinds)}

    @property
    def large(self) -> bool:
        """Whether sizes were reached of which none is 1: the verdict needs some."""
        return any(min(sizes.values(), default=2) > 1 for sizes in self.reached)

    def rest(self, needed: Env) -> Iterator[Env]:
        """All other sizes that the theorem wants, from the smallest on."""
        for more in range(sum(needed.values()) - len(needed) + 1):
            for numbers in parted(more, [needed[kind] - 1 for kind in self.kinds]):
                sizes = {kind: 1 + number for kind, number in zip(self.kinds, numbers, strict=True)}
                if sizes not in self.reached:
                    yield sizes

    def at(self, sizes: Env) -> Opinion | None:
        """The verdict at some sizes, if they settle it; where signs matter, levels and whole numbers are tried too."""
        found = self.choices(sizes, Tape())
        if self.signed and len(self.reached) < 2:
            found = found or self.beside(sizes, Tape(levels=True)) or self.beside(sizes, Tape(whole=True))
        if found is None:
            self.reached.append(sizes)
        return found

    def beside(self, sizes: Env, tape: Tape) -> Opinion | None:
        """The verdict after choices of signs, within a budget of its own."""
        steps, self.steps = self.steps, BESIDE
        try:
            return self.choices(sizes, tape)
        except Spent:
            self.complete = False
            return None
        finally:
            self.steps = steps

    def choices(self, sizes: Env, tape: Tape) -> Opinion | None:
        """The verdict after all choices of what is discrete, or, where these are too many, after some."""
        found, number, points, least = (
            None,
            0,
            1 if tape.whole else self.points,
            max(self.steps - LISTED, self.steps // 2),
        )
        while found is None and number < points * CHOICES and self.steps >= least:
            for _ in range(points):
                number += 1
                found = found or self.look(sizes, tape, number)
            if found or not tape.turn():
                return found
        self.complete = False
        for number in range(MANY):
            found = found or self.look(sizes, Tape(f"{number}", tape.levels, tape.whole), 1000 + number)
        return found

    def look(self, sizes: Env, tape: Tape, number: int) -> Opinion | None:
        """What one point says; it is drawn again where something that has to be a square is none."""
        found: Opinion | None = None
        for attempt in range(ATTEMPTS):
            point = Point(f"{sizes} {number} {attempt}", number, self.deep)
            world = World(self.statement, sizes, point, tape, self.steps)
            world.seen, world.needs = self.seen, self.needs
            try:
                found = self.compare(world)
                break
            except Redraw:
                continue
            except (NoValue, Unknown, ZeroDivisionError):
                if not tape.whole:
                    raise
                break
            finally:
                self.steps, self.signed = world.steps, self.signed or point.signed
                self.complete &= not world.endless
        else:
            if not tape.whole:
                raise Redraw
        return None if tape.whole and found and found.kind == "undecided" else found

    def compare(self, world: World) -> Opinion | None:
        """Both sides at every choice of the free indices."""
        ranges = self.statement.ranges
        for numbers in product(*(range(1, world.whole(size, {}) + 1) for size in ranges.values())):
            env = dict(zip(ranges, numbers, strict=True))
            left, right = world.value(self.statement.left, env), world.value(self.statement.right, env)
            said = self.gap(world.point, left, right)
            if said:
                where = ", ".join(f"{name} = {number}" for name, number in {**world.sizes, **env}.items())
                return Opinion(said[0], f"{said[1]} at {where}" if where else said[1])
        return None

    def gap(self, point: Point, left: Any, right: Any) -> tuple[str, str] | None:
        """What the difference of two values says: nothing where residues and floats agree that there is none."""
        if left is HIDDEN or right is HIDDEN:
            return None if left is right else ("refuted", "one side alone is −∞")
        gap = left + -right
        if not isinstance(gap, Num):
            return ("refuted", f"the sides differ by {gap}") if gap else None
        if not gap.near():
            return "refuted", f"the sides differ by {gap.f:.2g}"
        if not gap.vanishes():
            return "undecided", "it hangs on a letter or a root"
        bound = self.points * self.bound(point, gap)
        self.bits = bound if self.bits is None else min(self.bits, bound)
        return None

    def bound(self, point: Point, gap: Num) -> int:
        """The binary logarithm of one over the bound that one point gives."""
        degree = gap.over + gap.under + 1
        if not self.deep:
            return point.p.bit_length() - 1 - degree.bit_length()
        return min(point.p.bit_length() - 1 - degree.bit_length(), RANGE.bit_length() - 1 - degree,
                   point.q.bit_length() - 2 - point.most.bit_length()) - 2  # fmt: skip
