"""A claim about two expressions: what it depends on, and how its places are named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import chain, islice, pairwise, product
from math import prod
from random import Random

from sympy import Expr, Symbol

from symformer.evaluate import Interpreter, Undecidable
from symformer.notation import Const, Range, Tensor, Written, merge_ranges, parts, walk
from symformer.notation.operators import Binder
from symformer.programs import all_sizes, elements, is_defined, reachable, symbols_of
from symformer.proof.assumptions import NOTHING, Assumptions
from symformer.proof.degree import beyond, length, numbered
from symformer.proof.lemmas import Lemma, rewritten
from symformer.proof.normal.ranges import at_least_words
from symformer.proof.sizes import different_sizes, drawn_sizes

MOST_TRIES = 12
MOST_DRAWS = 500
MOST_PLACES = 300
MOST_HINTS = 12
LONG = 120  # parts of an expression
EQUAL = 3  # in this trial all sizes are equal


class Statement:
    """Two sides, their free indices and all sizes."""

    def __init__(
        self,
        left: Written,
        relation: str,
        right: Written,
        ranges: Mapping[Symbol, Range],
        assumptions: Assumptions = NOTHING,
    ) -> None:
        self.left, self.relation, self.right, self.assumptions = left, relation, right, assumptions
        merged = merge_ranges(left.ranges, right.ranges, ranges)
        self.free = {index: found.size for index, found in merged.items()}
        spans = [symbol for size in self.free.values() for symbol in symbols_of(size)]
        self.sizes = list(dict.fromkeys((*all_sizes(left, right), *spans)))

    @cached_property
    def digest(self) -> str:
        """A content hash: equal for equal claims."""
        free = ",".join(sorted(f"{index}:{size}" for index, size in self.free.items()))
        return f"{self.left.digest} {self.relation} {self.right.digest} {free}{self.assumptions.digest}"

    def by(self, lemma: Lemma) -> Statement:
        """The claim with a lemma put in wherever it fits."""
        left, right = (rewritten(side, lemma, self.free) for side in (self.left, self.right))
        ranges = {i: Range(size, "the line") for i, size in self.free.items()}
        return Statement(left, self.relation, right, ranges, self.assumptions)

    def inputs(self) -> dict[str, Tensor]:
        """The input tensors that the two sides depend on, by name."""
        return {tensor.name: tensor for tensor in self.tensors if tensor.origin is None}

    @cached_property
    def least(self) -> int:
        """The largest number that stands as an index: sizes are at least that."""
        found = [1]
        for element in (element for body in self.bodies for element in elements(body)):
            found += [int(kid.value) for kid in element.kids if isinstance(kid, Const) and kid.value.is_Integer]
        return max(found)

    @cached_property
    def bodies(self) -> tuple[Written, ...]:
        """Both sides, and the definitions behind them."""
        behind = [tensor.origin.definition.body for tensor in self.tensors if is_defined(tensor)]
        return (self.left, self.right, *behind)

    @cached_property
    def spanned(self) -> set[Symbol]:
        """The size symbols that some index runs over, or some axis has."""
        binders = {symbol for part in self.binders for symbol in part.size.free_symbols}
        axes = {symbol for tensor in self.tensors for size in tensor.shape for symbol in size.free_symbols}
        return binders | axes | {symbol for size in self.free.values() for symbol in size.free_symbols}

    @cached_property
    def binders(self) -> tuple[Binder, ...]:
        """Every sum and maximum, of definitions too."""
        return tuple(part for body in self.bodies for part in walk(body) if isinstance(part, Binder))

    def sizes_for(self, trial: int) -> dict[Symbol, int]:
        """Sizes for a trial at which every axis and range has at least one place: different ones, once equal ones.

        Raises:
            Undecidable: none are found.
        """
        choices = [different_sizes(self.sizes, trial, self.least + more) for more in range(MOST_TRIES)]
        if trial == EQUAL:
            choices = [dict.fromkeys(self.sizes, max(3, self.least)), *choices]
        return self._fitting(chain(choices, drawn_sizes(self.sizes, trial, self.least, MOST_DRAWS)))

    def least_sizes(self) -> dict[Symbol, int]:
        """Every size as small as it can be: mostly 1, where a sum has one term and a variance is 0.

        Raises:
            Undecidable: none are found.
        """
        return self._fitting(dict.fromkeys(self.sizes, self.least + more) for more in range(MOST_TRIES))

    def fits(self, sizes: Mapping[Symbol, int], *, empty: bool = False) -> bool:
        """Whether every axis has a whole number of places, at least one, and so has every range.

        Args:
            sizes: a number for each size symbol.
            empty: whether ranges that are no axes may also be empty; one that always is may be.
        """
        numbers = [(size.subs(sizes), (empty or size == 0) and not axis) for size, axis in self.lengths.items()]
        return all(number.is_Integer and number >= (0 if hollow else 1) for number, hollow in numbers) and all(
            holds(sizes) for holds in self.assumptions.sizes
        )

    def _fitting(self, choices: Iterable[dict[Symbol, int]]) -> dict[Symbol, int]:
        for sizes in choices:
            if self.fits(sizes):
                return sizes
        raise Undecidable("no sizes at which every axis has at least one place")

    @cached_property
    def lengths(self) -> dict[Expr, bool]:
        """What ranges are as long as, where that is no size by itself, and whether an axis is."""
        axes = {size for tensor in self.tensors for size in tensor.shape} | set(self.free.values())
        ranges = {part.size for part in self.binders}
        return {size: size in axes for size in sorted(axes | ranges, key=str) if not size.is_Symbol}

    @cached_property
    def tensors(self) -> tuple[Tensor, ...]:
        """Every tensor that the two sides depend on, each after what it is computed from."""
        return reachable(*(element.tensor for side in (self.left, self.right) for element in elements(side)))

    def entries(self, sizes: Mapping[Symbol, int]) -> int:
        """How many entries all inputs have together."""
        shapes = [tensor.shape for tensor in self.tensors if tensor.origin is None]
        return sum(prod(int(size.subs(sizes)) for size in shape) for shape in shapes)

    def draws(self) -> bool:
        """Whether some inputs are drawn and are no letters: masks, integers and permutations."""
        inputs = [tensor for tensor in self.tensors if tensor.origin is None]
        return any(tensor.domain.kind == "mask" or tensor.domain.whole for tensor in inputs)

    def places(self, interpreter: Interpreter) -> Iterator[dict[Symbol, int]]:
        """Every choice of the free indices; where there are too many, ends, places near numbers of the line, others."""
        lengths = [interpreter.size(size) for size in self.free.values()]
        if prod(lengths) <= MOST_PLACES:
            choices: Iterable[tuple[int, ...]] = product(*(range(1, length + 1) for length in lengths))
        else:
            choices = _chosen(lengths, [int(hint) for hint in self.hints])
        for numbers in choices:
            yield dict(zip(self.free, numbers, strict=True))

    def admits(self, interpreter: Interpreter) -> bool:
        """Whether a point satisfies what is assumed.

        Raises:
            Undecidable: it cannot be told.
        """
        return self.assumptions.hold(interpreter)

    # -- where it may break ----------------------------------------------------------------------------------------

    @cached_property
    def hints(self) -> tuple[Fraction, ...]:
        """Numbers that stand in the line, and numbers between them."""
        found = {abs(Fraction(int(part.value.p), int(part.value.q))) for body in self.bodies for part in walk(body)
                 if isinstance(part, Const) and part.value.is_Rational}  # fmt: skip
        numbers = sorted(found - {Fraction(0)})[:MOST_HINTS]
        between = [(one + two) / 2 for one, two in pairwise(numbers)]
        return tuple(sorted({*numbers, *between, *([2 * numbers[-1]] if numbers else [])}))

    @cached_property
    def beyond(self) -> dict[Symbol, int]:
        """For each size a number beyond all that it is compared with, and beyond its degree."""
        return {symbol: beyond(symbol, self.left, self.right, self.spanned) for symbol in self.sizes}

    @cached_property
    def numbered(self) -> bool:
        """Whether some index is compared with a number."""
        return any(numbered(body) for body in self.bodies)

    @cached_property
    def parts(self) -> int:
        """How many parts the two sides have as they are written."""
        return parts(self.left) + parts(self.right)

    @cached_property
    def length(self) -> int:
        """How long the two sides are with all definitions put in."""
        known: dict[str, int] = {}
        return max(length(side, known) for side in (self.left, self.right))

    def share(self, steps: int) -> int:
        """The steps that may be spent, fewer where each is long."""
        return steps * LONG // max(self.length, LONG)

    def filled(self, empty: Mapping[Symbol, int]) -> list[str]:
        """Conditions under which the ranges hold something that are empty at these sizes."""
        hollow = [size for size in self.lengths if not size.subs(empty) > 0]
        return [at_least_words(size, 1) for size in hollow]

    def fitted(self, sizes: Mapping[Symbol, int]) -> dict[Symbol, int] | None:
        """Sizes near these that fit: the next ones that some ratio or difference allows."""
        for more in range(1, MOST_TRIES):
            for symbol in sizes:
                found = {**sizes, symbol: sizes[symbol] + more}
                if self.fits(found):
                    return found
        return None


def _chosen(lengths: Sequence[int], hints: Sequence[int]) -> Iterator[tuple[int, ...]]:
    random = Random(f"places {lengths}")
    ends = [
        [1, 2, length - 1, length, *(at for hint in hints for at in (hint - 1, hint, hint + 1))] for length in lengths
    ]
    kept = [[at for at in dict.fromkeys(own) if 1 <= at <= length] for own, length in zip(ends, lengths, strict=True)]
    yield from islice(product(*kept), MOST_PLACES // 2)
    for _ in range(MOST_PLACES // 2):
        yield tuple(random.randint(1, length) for length in lengths)


def named(numbers: Mapping[Symbol, int]) -> dict[str, int]:
    """Numbers by the names of their symbols."""
    return {symbol.name: number for symbol, number in numbers.items()}


def in_words(numbers: Mapping[Symbol, int]) -> str:
    """`n = 3, i = 1`."""
    return ", ".join(f"{symbol.name} = {number}" for symbol, number in numbers.items())
