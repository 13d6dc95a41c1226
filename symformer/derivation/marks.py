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


def mark_of(verdict: Verdict, expected: str | None) -> Mark:
    """A verdict beside its line."""
    form = verdict.data.get("formula")
    return Mark(
        verdict.kind, verdict.evidence, expected, None if form is None else from_data(form), _second(verdict.data)
    )


def _second(data: Mapping[str, Any]) -> str:
    """What the second judge says, where it was asked and looks at such lines."""
    by, second = data.get("by", ()), data.get("second")
    if second is None or by == ["finite fields"] or second["words"] == EQUATIONS_ALONE:
        return ""
    if second["kind"] == "undecided":
        return f"the second judge leaves it open: {second['words']}"
    word = "agree" if second["kind"] == "confirmed" else "differ"
    return f"finite fields {word} {second['words']}" if word == "agree" else f"in finite fields, too, {second['words']}"


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
