"""How a box begins and ends: where two numbers side by side would read as one."""

from __future__ import annotations

from symformer.typeset.boxes import Box, Entry, Fraction, Number, Row, Script


def starts_with_digit(box: Box) -> bool:
    """Whether a number in front of the box would run into it."""
    if isinstance(box, Row):
        return bool(box.items) and starts_with_digit(box.items[0])
    if isinstance(box, Script):
        return starts_with_digit(box.base)
    if isinstance(box, Entry):
        return starts_with_digit(box.body)
    return isinstance(box, Number)


def ends_with_digit(box: Box) -> bool:
    """Whether a fraction behind the box would read as part of a mixed number."""
    if isinstance(box, Row):
        return bool(box.items) and ends_with_digit(box.items[-1])
    return ends_with_digit(box.body) if isinstance(box, Entry) else isinstance(box, Number)


def starts_with_fraction(box: Box) -> bool:
    """Whether its first part is a fraction."""
    if isinstance(box, Row):
        return bool(box.items) and starts_with_fraction(box.items[0])
    return starts_with_fraction(box.body) if isinstance(box, Entry) else isinstance(box, Fraction)
