"""What the judge says of a line, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

ORDER = ("refuted", "open", "checked", "exact", "proved")


@dataclass(frozen=True)
class Verdict:
    """The strongest thing that is known of a line.

    Attributes:
        kind: `proved` (every size), `exact` (an identity of rational functions at the sizes of the evidence),
            `checked` (balls of at least 50 digits met at several random points), `refuted` (two balls did not meet, or
            the line surely has no value where the one before has: a proof that the line is wrong; for ≈ and → that
            are looked at on the way, evidence), or `open` (undecided within the budget).
        evidence: words that a reader can check it by; for a refutation, the counterexample.
        data: the same as numbers; `normal_form` as a line of text, `formula` as a box in plain data, where it is short.
    """

    kind: str
    evidence: str
    data: dict[str, Any] = field(default_factory=dict)

    def _repr_markdown_(self) -> str:
        return f"**{self.kind}**: {self.evidence}"

    @property
    def rank(self) -> int:
        """Its place from weakest to strongest."""
        return ORDER.index(self.kind)


def weakest(verdicts: list[Verdict]) -> str:
    """The weakest kind among verdicts; `none` where there are none."""
    return min(verdicts, key=lambda verdict: verdict.rank).kind if verdicts else "none"
