"""The reader's answers to an exercise, marked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from symformer.values import ValuesError, read_file

Mark = tuple[str, str, str]


def marks(answers: Path, right: Mapping[int, float], decimals: int) -> Iterator[Mark]:
    """Box, what the reader put into it, and `right`, `wrong` or `missing`, for each box of an exercise.

    An answer is right if it rounds to the number at these decimals. What is right is not told.

    Args:
        answers: a .json file of numbers by the number of their box: `{"1": 0.7311, "2": "1/3"}`.
        right: the numbers that belong into the boxes.
        decimals: digits after the point that count.

    Raises:
        ValuesError: the file cannot be read, names a box that there is not, or holds something else than a number.
    """
    given = read_file(answers)
    boxes = {str(number): value for number, value in right.items()}
    for name in given:
        if name not in boxes:
            raise ValuesError(f"{answers}: there is no box {name!r}; expected {', '.join(boxes)}")
    for name, value in boxes.items():
        if name not in given:
            yield name, "", "missing"
            continue
        number = _number(answers, name, given[name])
        yield name, str(given[name]), "right" if abs(number - Fraction(value)) <= _half(decimals) else "wrong"


def _half(decimals: int) -> Fraction:
    """Half of the last digit, and a little for the digits of a float."""
    return Fraction(1, 2) * Fraction(10) ** -decimals + Fraction(1, 10**9)


def _number(answers: Path, name: str, value: Any) -> Fraction:
    try:
        if isinstance(value, bool):
            raise ValueError
        return Fraction(str(value))
    except (ValueError, ZeroDivisionError) as error:
        raise ValuesError(f'{answers}: box {name}: expected a number such as 0.25 or "1/4", got {value!r}') from error
