"""What the commands on particles share. The room is reached through the front door, so that it is loaded on use."""

from __future__ import annotations

import argparse
from pathlib import Path

import symformer
from symformer.cli.parser import UsageError, real_number, whole_number

SPAN = (real_number, real_number, whole_number)
MOST = 10**6  # numbers of a span


def refusals() -> tuple[type[Exception], ...]:
    """What a simulation refuses."""
    return (symformer.dynamics.DynamicsError,)


def span(text: str) -> tuple[float, ...]:
    """`1,2,4`, or `0:9:10` for ten numbers evenly from 0 to 9.

    Raises:
        ArgumentTypeError: it is neither.
    """
    try:
        if ":" not in text:
            return tuple(real_number(word) for word in text.split(","))
        low, high, count = (read(word) for read, word in zip(SPAN, text.split(":"), strict=True))
        return evenly(low, high, int(count))
    except (ValueError, argparse.ArgumentTypeError) as error:
        raise argparse.ArgumentTypeError(f"expected numbers as 1,2,4 or FIRST:LAST:COUNT, got {text!r}") from error


def evenly(low: float, high: float, count: int) -> tuple[float, ...]:
    """So many numbers, evenly from one to the other.

    Raises:
        ValueError: fewer than two, or more than anybody looks at.
    """
    if not 1 < count <= MOST:
        raise ValueError(f"expected 2 to {MOST} numbers, got {count}")
    return tuple(low + (high - low) * k / (count - 1) for k in range(count))


def whole_numbers(text: str) -> tuple[int, ...]:
    """`2,8,32`.

    Raises:
        ArgumentTypeError: something else.
    """
    try:
        return tuple(whole_number(word) for word in text.split(","))
    except argparse.ArgumentTypeError as error:
        raise argparse.ArgumentTypeError(f"expected whole numbers as 2,8,32, got {text!r}") from error


def ending(path: Path, allowed: tuple[str, ...], option: str) -> str:
    """The ending of a file name.

    Raises:
        UsageError: it is none of those allowed, or the folder does not exist.
    """
    if path.suffix not in allowed:
        raise UsageError(f"symformer: {option}: expected a name that ends with {' or '.join(allowed)}, got {path.name}")
    if not path.parent.is_dir():
        raise UsageError(f"symformer: {option}: {path.parent}: no such folder")
    return path.suffix
