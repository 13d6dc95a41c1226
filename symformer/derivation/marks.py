"""Verdicts as pages show them: what several lines of a chain rest on is said once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from symformer.proof import Verdict
from symformer.recheck import EQUATIONS_ALONE
from symformer.typeset import Box
from symformer.typeset.plain import from_data
from symformer.writers.page import Mark, PageLine

SAID = {
    "confirmed": "finite fields agree {words}",
    "refuted": "in finite fields, too, {words}",
    "undecided": "the second judge leaves it open: {words}",
}


def mark_of(verdict: Verdict, expected: str | None) -> Mark:
    """A verdict beside its line."""
    form = verdict.data.get("formula")
    return Mark(
        verdict.kind, verdict.evidence, expected, None if form is None else from_data(form), _second(verdict.data)
    )


def _second(data: Mapping[str, Any]) -> str:
    """What the second judge says, where it was asked and looks at such lines."""
    second = data.get("second")
    if second is None or second["words"] == EQUATIONS_ALONE:
        return ""
    return SAID.get(second["kind"], "the second judge: {words}").format(words=second["words"])


def said_once(lines: Sequence[PageLine]) -> tuple[PageLine, ...]:
    """The lines of a chain; where several come to one normal form, all but the first name the line that shows it."""
    first: dict[Box, int] = {}
    found = []
    for line in lines:
        if line.mark is not None and line.mark.form is not None:
            number = first.setdefault(line.mark.form, line.number)
            if number != line.number:
                words = f"{line.mark.evidence}: that of line ({number})"
                line = replace(line, mark=replace(line.mark, evidence=words, form=None))
        found.append(line)
    return tuple(found)
