"""Exercises: a worked example with some of its numbers left out, and their answers."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise

from symformer.typeset import Box, Entry, Number, Row, Script, Sign, transform
from symformer.typeset.boxes import row
from symformer.writers.page import Page, PageStep

BOX = "□"


def exercise(page: Page, share: float, seed: int, *, answers: bool = False) -> Page:
    """The page with empty boxes for a share of the numbers that are worked out.

    A number that is left out is left out wherever it stands, so that no later step gives it away.

    Args:
        page: a page with steps.
        share: how many of the numbers, from 0 (none but one) to 1 (all).
        seed: which ones; the same seed leaves out the same.
        answers: whether the page ends with what was left out.
    """
    found, blanks = dict(_results(page)), blanked(page, share, seed)
    key = tuple(row(_box(number), found[key]) for key, number in blanks.items()) if answers else ()
    return replace(page, steps=tuple(_blanked(step, blanks) for step in page.steps), answers=key, live="")


def blanked(page: Page, share: float, seed: int) -> dict[str, int]:
    """The number of the box by the key of each entry that `exercise` leaves out, in order."""
    found = dict(_results(page))
    count = min(len(found), max(1, round(share * len(found))))
    chosen = set(random.Random(seed).sample(sorted(found), count))
    return {key: number for number, key in enumerate((key for key in found if key in chosen), start=1)}


def _results(page: Page) -> Iterator[tuple[str, Box]]:
    """Key and `= number` of every entry that a step works out, in order; each once, where it is worked out.

    The values of lines stay: those of one chain are equal and would give each other away.
    """
    seen = {entry.key for step in page.steps if step.given for entry in _entries(step.result)}
    for step in page.steps:
        for entry in _entries(step.result):
            if entry.key not in seen and not entry.key.startswith("value:"):
                seen.add(entry.key)
                yield entry.key, row(Sign("≈" if step.rounded else "="), entry.body)


def _entries(box: Box) -> list[Entry]:
    found: list[Entry] = []

    def note(part: Box) -> None:
        if isinstance(part, Entry):
            found.append(part)

    transform(box, note)
    return found


def _blanked(step: PageStep, blanks: Mapping[str, int]) -> PageStep:
    filled = step.substituted
    middle = transform(filled, lambda part: _rule(part, blanks)) if filled is not None else None
    return replace(step, substituted=middle, result=transform(step.result, lambda part: _rule(part, blanks)), remark="")


def _rule(part: Box, blanks: Mapping[str, int]) -> Box | None:
    if isinstance(part, Entry) and part.key in blanks:
        return _box(blanks[part.key])
    return _plus(part, blanks) if isinstance(part, Row) else None


def _plus(part: Row, blanks: Mapping[str, int]) -> Box | None:
    """A number with its sign is left out: the minus before it becomes a plus."""
    hidden = [
        place
        for place, (sign, item) in enumerate(pairwise(part.items))
        if sign == Sign("−") and isinstance(item, Entry) and item.minus and item.key in blanks
    ]
    if not hidden:
        return None
    items = tuple(Sign("+") if place in hidden else item for place, item in enumerate(part.items))
    return transform(Row(items), lambda one: _rule(one, blanks))


def _box(number: int) -> Box:
    return Script(Sign(BOX), Number(str(number)))
