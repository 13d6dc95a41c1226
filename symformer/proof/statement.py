"""A claim about two expressions: what it depends on, and how its places are named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import chain, product
from random import Random

from sympy import Expr, Symbol

from symformer.evaluate import Interpreter, Undecidable
from symformer.notation import Const, Range, Tensor, Written, merge_ranges, walk
from symformer.notation.operators import Binder
from symformer.programs import all_sizes, elements, is_defined, reachable, unfolded
from symformer.proof.lemmas import Lemma, rewritten
from symformer.proof.points import different_sizes

MOST_TRIES = 12
MOST_DRAWS = 500


class Statement:
    """Two sides, their free indices and all sizes."""

    def __init__(self, left: Written, relation: str, right: Written, ranges: Mapping[Symbol, Range]) -> None:
        self.left, self.relation, self.right = left, relation, right
        merged = merge_ranges(left.ranges, right.ranges, ranges)
        self.free = {index: found.size for index, found in sorted(merged.items(), key=lambda item: item[0].name)}
        self.sizes = sorted(
            all_sizes(left) | all_sizes(right) | {s for size in self.free.values() for s in size.free_symbols}, key=str
        )

    @property
    def digest(self) -> str:
        """A content hash: equal for equal claims."""
        free = ",".join(f"{index}:{size}" for index, size in self.free.items())
        return f"{self.left.digest} {self.relation} {self.right.digest} {free}"

    def by(self, lemma: Lemma) -> Statement:
        """The claim with a lemma put in wherever it fits."""
        left, right = (rewritten(side, lemma, self.free) for side in (self.left, self.right))
        return Statement(left, self.relation, right, {i: Range(size, "the line") for i, size in self.free.items()})

    def inputs(self) -> dict[str, Tensor]:
        """The input tensors that the two sides depend on, by name."""
        return {tensor.name: tensor for tensor in self.tensors if tensor.origin is None}

    @property
    def least(self) -> int:
        """The largest number that stands as an index: sizes are at least that."""
        found = [1]
        for side in (self.left, self.right):
            for element in elements(side):
                found += [int(kid.value) for kid in element.kids if isinstance(kid, Const) and kid.value.is_Integer]
        return max(found)

    @cached_property
    def spanned(self) -> set[Symbol]:
        """The size symbols that some index runs over."""
        binders = {
            symbol
            for side in (self.left, self.right)
            for part in walk(unfolded(side))
            if isinstance(part, Binder)
            for symbol in part.size.free_symbols
        }
        return binders | {symbol for size in self.free.values() for symbol in size.free_symbols}

    def sizes_for(self, trial: int) -> dict[Symbol, int]:
        """Different sizes for a trial at which every axis and range has at least one place.

        Raises:
            Undecidable: none are found.
        """
        choices = [different_sizes(self.sizes, trial, self.least + more) for more in range(MOST_TRIES)]
        return self._fitting(chain(choices, self._drawn(trial)))

    def least_sizes(self) -> dict[Symbol, int]:
        """Every size as small as it can be: mostly 1, where a sum has one term and a variance is 0.

        Raises:
            Undecidable: none are found.
        """
        return self._fitting(dict.fromkeys(self.sizes, self.least + more) for more in range(MOST_TRIES))

    def _drawn(self, trial: int) -> Iterator[dict[Symbol, int]]:
        """Different sizes by chance: one may have to divide another."""
        random = Random(f"sizes {trial}")
        for _ in range(MOST_DRAWS):
            numbers = random.sample(range(self.least, self.least + 8 + len(self.sizes)), len(self.sizes))
            yield dict(zip(self.sizes, numbers, strict=True))

    def fits(self, sizes: Mapping[Symbol, int]) -> bool:
        """Whether every axis and range has a whole number of places, and at least one."""
        numbers = (size.subs(sizes) for size in self.lengths)
        return all(number.is_Integer and number > 0 for number in numbers)

    def _fitting(self, choices: Iterable[dict[Symbol, int]]) -> dict[Symbol, int]:
        for sizes in choices:
            if self.fits(sizes):
                return sizes
        raise Undecidable("no sizes at which every axis has at least one place")

    @cached_property
    def lengths(self) -> set[Expr]:
        """What axes and ranges are as long as, where that is no size by itself."""
        found = {size for tensor in self.tensors for size in tensor.shape} | set(self.free.values())
        bodies = [tensor.origin.definition.body for tensor in self.tensors if is_defined(tensor)]
        for part in (part for body in (self.left, self.right, *bodies) for part in walk(body)):
            if isinstance(part, Binder):
                found.add(part.size)
        return {size for size in found if not size.is_Symbol}

    @cached_property
    def tensors(self) -> tuple[Tensor, ...]:
        """Every tensor that the two sides depend on, each after what it is computed from."""
        return reachable(*(element.tensor for side in (self.left, self.right) for element in elements(side)))

    def draws(self) -> bool:
        """Whether some inputs are drawn and are no letters: masks, integers and permutations."""
        return any(tensor.domain.kind == "mask" or tensor.domain.whole for tensor in self.inputs().values())

    def places(self, interpreter: Interpreter) -> Iterator[dict[Symbol, int]]:
        """Every choice of the free indices."""
        spans = [range(1, interpreter.size(size) + 1) for size in self.free.values()]
        for numbers in product(*spans):
            yield dict(zip(self.free, numbers, strict=True))


def named(numbers: Mapping[Symbol, int]) -> dict[str, int]:
    """Numbers by the names of their symbols."""
    return {symbol.name: number for symbol, number in numbers.items()}


def in_words(numbers: Mapping[Symbol, int]) -> str:
    """`n = 3, i = 1`."""
    return ", ".join(f"{symbol.name} = {number}" for symbol, number in numbers.items())
