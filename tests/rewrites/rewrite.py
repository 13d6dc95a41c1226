"""A rewrite as two tensors, its false twin, and what the judge says of both."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import process_time
from typing import Any

from sympy import expand

import symformer as sf
from symformer.notation import Range, fitted, lift
from symformer.proof import Assumptions, Judge

LETTERS = sf.indices("i j k l")


@dataclass(frozen=True)
class Rewrite:
    """Two tensors of one shape that hold the same numbers.

    Attributes:
        words: what is rewritten, in words.
        left: a tensor (or an expression without indices).
        right: what takes its place.
        twin: a pair that looks like it and is false.
        given: relations of sizes and inputs under which it holds.
        assumed: those under which the twin is looked at; by default the same.
    """

    words: str
    left: Any
    right: Any
    twin: tuple[Any, Any]
    given: tuple[Any, ...] = ()
    assumed: tuple[Any, ...] | None = field(default=None)

    def verdict(self, judge: Judge) -> tuple[str, float]:
        """What the judge says, and how many seconds of CPU that took."""
        return _judged(judge, self.left, self.right, self.given)

    def verdict_on_the_twin(self, judge: Judge) -> tuple[str, float]:
        """The same of the false twin."""
        return _judged(judge, *self.twin, self.given if self.assumed is None else self.assumed)


def _judged(judge: Judge, left: Any, right: Any, given: tuple[Any, ...]) -> tuple[str, float]:
    begin = process_time()
    one, two, ranges = _sides(left, right)
    verdict = judge.judge(one, "=", two, ranges, assumptions=Assumptions(given))
    return verdict.kind, process_time() - begin


def _sides(left: Any, right: Any) -> tuple[Any, Any, dict[Any, Range]]:
    """Both entry by entry, under one letter for each axis; the shape is that of the left one."""
    shape = [expand(size) for size in getattr(left, "shape", ())]
    letters = LETTERS[: len(shape)]
    one, two = (lift(side[letters]) if hasattr(side, "shape") else lift(side) for side in (left, right))
    for letter, size in zip(letters, shape, strict=True):
        one, two = fitted(one, letter, size), fitted(two, letter, size)
    ranges = {letter: Range(size, "the rewrite") for letter, size in zip(letters, shape, strict=True)}
    return one, two, ranges
