"""What an author assumes of sizes and inputs, as relations that a witness can test: n ≥ m, q > 0, Σ q = 1."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from random import Random

from sympy import Expr, Symbol

from symformer.evaluate import Effort, Interpreter, Undecidable, holds
from symformer.notation import Element, Indicator, ShapeError, Written, lift, replace_tensors, walk
from symformer.programs import Rebuild, all_sizes
from symformer.proof.balls import BallField
from symformer.proof.domains import told_domains
from symformer.proof.points import interpreter_at

TRIALS = 4  # points of each style
STYLES = ("plain", "coarse", "simple", "small")
STEPS = 2000


@dataclass(frozen=True)
class Assumptions:
    """Relations that every point satisfies at which a claim is looked at."""

    relations: tuple[Indicator, ...] = ()

    @property
    def digest(self) -> str:
        """A content hash; empty for nothing."""
        return "".join(f" given {one.digest}" for one in self.relations)

    @cached_property
    def sizes(self) -> tuple[Callable[[Mapping[Symbol, int]], bool], ...]:
        """Tests of a choice of sizes."""
        return tuple(_test(one) for one in self.relations if of_sizes(one))

    @cached_property
    def known(self) -> tuple[Expr, ...]:
        """Polynomials in sizes that are at least 0."""
        return tuple(rest for one in self.relations if of_sizes(one) for rest in _nonnegative(one))

    @cached_property
    def of_inputs(self) -> tuple[Indicator, ...]:
        """Relations that speak of inputs."""
        return tuple(one for one in self.relations if not of_sizes(one))

    def applied(self, left: Written, right: Written) -> tuple[Written, Written, Assumptions]:
        """Both sides, and what is left to assume, with inputs in the domains that the relations give them."""
        domains, told = told_domains(self.relations)
        if not domains:
            return left, right, self
        rebuild = Rebuild({tensor.digest: replace(tensor, domain=domain) for tensor, domain in domains.items()})
        rest = [one for one in self.relations if one.digest not in told]
        relations = tuple(Indicator(tuple(replace_tensors(kid, rebuild) for kid in one.kids), one.head) for one in rest)
        return replace_tensors(left, rebuild), replace_tensors(right, rebuild), Assumptions(relations)

    def hold(self, interpreter: Interpreter) -> bool:
        """Whether a point satisfies what is assumed of its inputs.

        Raises:
            Undecidable: it cannot be told.
        """
        return all(_everywhere(one, interpreter) for one in self.relations if not of_sizes(one))


NOTHING = Assumptions()


def of_sizes(relation: Indicator) -> bool:
    """Whether a relation speaks of sizes alone."""
    return not any(isinstance(part, Element) for part in walk(relation)) and not relation.ranges


def _test(relation: Indicator) -> Callable[[Mapping[Symbol, int]], bool]:
    difference = relation.kids[0].plain() - relation.kids[1].plain()

    def test(sizes: Mapping[Symbol, int]) -> bool:
        number = difference.subs(sizes)
        return not number.is_Rational or holds(bool(number > 0) - bool(number < 0), relation.relation)

    return test


def _nonnegative(relation: Indicator) -> Iterable[Expr]:
    difference = relation.kids[0].plain() - relation.kids[1].plain()
    match relation.relation:
        case "≥":
            return (difference,)
        case ">":
            return (difference - 1,)  # sizes are whole numbers
        case "≤":
            return (-difference,)
        case "<":
            return (-difference - 1,)
        case "=":
            return (difference, -difference)
    return ()


def _everywhere(relation: Indicator, interpreter: Interpreter) -> bool:
    spans = [range(1, interpreter.size(span.size) + 1) for span in relation.ranges.values()]
    field = interpreter.field
    for numbers in product(*spans):
        env = dict(zip(relation.ranges, numbers, strict=True))
        left, right = (interpreter.value(kid, env) for kid in relation.kids)
        if relation.relation == "=" and isinstance(field, BallField):
            if not left.overlaps(right):
                return False
        elif not field.compare(left, relation.relation, right):
            return False
    return True


def has_a_point(assumptions: Assumptions) -> bool:
    """Whether some sizes and some inputs satisfy all relations: a few are tried, small ones and drawn ones."""
    _, _, rest = assumptions.applied(lift(0), lift(0))
    relations = [kid for one in rest.relations for kid in one.kids]
    ranged = [symbol for one in rest.relations for symbol in sorted(_ranges(one), key=str)]
    symbols = list(dict.fromkeys((*all_sizes(*relations), *ranged)))
    for sizes in _some_sizes(symbols):
        if not all(test(sizes) for test in rest.sizes):
            continue
        for trial, style in product(range(TRIALS), STYLES):
            try:
                if rest.hold(interpreter_at(BallField(), sizes, trial, style=style, effort=Effort(STEPS))):
                    return True
            except (Undecidable, ShapeError):
                continue
    return False


def _ranges(relation: Indicator) -> set[Symbol]:
    return {symbol for span in relation.ranges.values() for symbol in span.size.free_symbols}


def _some_sizes(symbols: Sequence[Symbol]) -> Iterator[dict[Symbol, int]]:
    if len(symbols) <= 3:
        yield from (dict(zip(symbols, numbers, strict=True)) for numbers in product(range(1, 10), repeat=len(symbols)))
    random = Random("sizes that satisfy what is assumed")
    for _ in range(400):
        yield {symbol: random.choice((1, 2, 3, 4, 6, 8, 12, 16, 64, 256)) + random.randint(0, 2) for symbol in symbols}
