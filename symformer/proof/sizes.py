"""Concrete sizes to look at: different ones, equal ones, the least ones, and ones beyond all numbers of a line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from random import Random

from sympy import Symbol

MANY = 5  # sizes; the arrays of more would take seconds to look at if each had a number of its own
PRIMES = (7, 11, 13, 17)  # multiples of nothing
REACH = 5  # powers of ten up to which a size goes that nothing runs over

Sizes = dict[Symbol, int]


def different_sizes(symbols: Sequence[Symbol], trial: int, least: int = 1) -> Sizes:
    """A number for each size symbol, another choice for each trial, so that a swapped axis fails.

    Any two of few differ in most trials, any two of many in at least one.
    """
    more = max(least - 2, 0)
    if len(symbols) > MANY:
        return {symbol: 2 + more + (place >> trial if trial < 4 else place * 3 // 2) % 2
                for place, symbol in enumerate(symbols)}  # fmt: skip
    turns = {symbol: place + trial * (1 + place // 4) for place, symbol in enumerate(symbols)}
    return {symbol: more + (3, 4, 2, 5)[turn % 4] for symbol, turn in turns.items()}


def drawn_sizes(symbols: Sequence[Symbol], trial: int, least: int, count: int) -> Iterator[Sizes]:
    """Different sizes by chance: one may have to divide another."""
    random = Random(f"sizes {trial}")
    for attempt in range(count):
        top = least + 8 + len(symbols) + attempt // 50
        yield dict(zip(symbols, random.sample(range(least, top), len(symbols)), strict=True))


def small_sizes(symbols: Sequence[Symbol], trial: int, least: int = 1) -> Sizes:
    """2 and 3 in turn, the other way round in the next trial: exact arithmetic pays dearly for length."""
    return {symbol: max(2, least) + (place + trial) % 2 for place, symbol in enumerate(symbols)}


def breaking_sizes(symbols: Sequence[Symbol], spanned: set[Symbol], beyond: Mapping[Symbol, int]) -> Iterator[Sizes]:
    """Sizes at which statements break: the least, equal ones, beyond every number of the line, primes.

    Args:
        symbols: the size symbols.
        spanned: those that some index runs over; the others may be as large as they like.
        beyond: a number for each that is larger than every constant and every degree.
    """
    yield dict.fromkeys(symbols, 1)
    yield dict(beyond)
    yield dict.fromkeys(symbols, 2)
    for symbol in symbols:
        yield {other: beyond[other] if other == symbol else 2 for other in symbols}
        yield {other: 1 if other == symbol else 3 for other in symbols}
    yield dict.fromkeys(symbols, 3)
    for number in PRIMES[: 4 if len(symbols) < 2 else 2]:
        yield dict.fromkeys(symbols, number)
    yield from _far(symbols, spanned)


def _far(symbols: Sequence[Symbol], spanned: set[Symbol]) -> Iterator[Sizes]:
    """Sizes that nothing runs over, each large beside the others."""
    loose = [symbol for symbol in symbols if symbol not in spanned]
    random = Random("far sizes")
    ends = list(product((1, 10**REACH), repeat=len(loose))) if len(loose) <= 4 else []
    for numbers in [*ends, *([0] * len(loose) for _ in range(12))] if loose else []:
        drawn = [number or random.randint(1, 9) * 10 ** random.randint(0, REACH) for number in numbers]
        yield {**dict.fromkeys(symbols, 2), **dict(zip(loose, drawn, strict=True))}
