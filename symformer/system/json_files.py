"""JSON from strangers: no key twice, numbers of a bounded length, and what is no finite number marked as such."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from symformer.system.reading import content_of, readable
from symformer.system.words import brief

MOST_JSON = 1 << 26  # bytes of a JSON file
LONGEST = 400  # characters of a number, and negative powers of ten
LARGEST = 308  # powers of ten of a float


@dataclass(frozen=True)
class Unusable:
    """A number of a file that no reader takes: whoever reads its key names it.

    Attributes:
        text: how it stands in the file.
        why: what is wrong with it.
    """

    text: str
    why: str

    def __str__(self) -> str:
        return f"{brief(self.text, 24)} ({self.why})"


def read_json(
    path: Path, error: type[Exception], *, decimals: bool = False, what: str = "", most: int = MOST_JSON
) -> Any:
    """What a JSON file holds; numbers that are not finite or far too long as `Unusable`.

    Args:
        path: the file.
        error: what is raised, with the file's name, where it is no JSON, has a key twice, or cannot be read.
        decimals: whether decimals come as they were written, as Decimal; else as floats.
        what: said before a parser's own words.
        most: how many bytes it may have.
    """
    with readable(path, error, what):
        return parsed(content_of(path, most), decimals=decimals)


def parsed(content: bytes, *, decimals: bool = False) -> Any:
    """What a JSON text holds; raises ValueError."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise ValueError(f"not UTF-8: byte {problem.start}") from problem
    return json.loads(
        text, parse_int=_whole, parse_float=_decimal if decimals else _float, parse_constant=_constant,
        object_pairs_hook=_once,
    )  # fmt: skip


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"{brief(key)}: stands twice")
        found[key] = value
    return found


def _short(read: Callable[[str], Any]) -> Callable[[str], Any]:
    """A reader of numbers that leaves long ones alone."""

    def reader(text: str) -> Any:
        too_long = f"expected a number of at most {LONGEST} characters"
        return read(text) if len(text) <= LONGEST else Unusable(text[:LONGEST], too_long)

    return reader


@_short
def _whole(text: str) -> Any:
    return int(text)


@_short
def _decimal(text: str) -> Any:
    try:
        number = Decimal(text)
    except InvalidOperation:  # an exponent beyond those of the decimal library
        return Unusable(text, "no number that can be computed with")
    return number if -LONGEST <= number.adjusted() <= LARGEST else Unusable(text, "beyond the floats")


@_short
def _float(text: str) -> Any:
    number = float(text)
    return number if math.isfinite(number) else Unusable(text, "larger than every float")


def _constant(name: str) -> Unusable:
    return Unusable(name, f"{name} is no finite number")
