"""All rewrites, those that cannot be said, and what the judge says of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rewrites import contracted, entrywise, moved
from rewrites.rewrite import Rewrite
from symformer.proof import Judge

RULES: dict[str, tuple[Rewrite, ...]] = {**entrywise.RULES, **moved.RULES, **contracted.RULES}
UNSAID = {
    "the larger of a number and −∞ is the number": "−∞ stands in this notation only for what a mask hides",
    "the smaller of a number and ∞ is the number": "there is no ∞ in this notation",
    "an update by an empty tensor is that tensor": "every axis has at least one place, so that there is nothing to say",
    "a convolution with input and kernel exchanged": "left out there as well: the two sums run over different sets, "
    "and the padding may be negative",
}


@dataclass(frozen=True)
class Row:
    """What was said of a rewrite and of its false twin, and how many seconds of CPU that took."""

    family: str
    rule: Rewrite
    verdict: str
    twin: str
    seconds: float

    @property
    def good(self) -> bool:
        """Whether it is proved, and its twin is not accepted."""
        return self.verdict == "proved" and not self.accepted

    @property
    def accepted(self) -> bool:
        """Whether the false twin passes for true."""
        return self.twin in ("proved", "exact", "checked")


def rows() -> Iterator[Row]:
    """Every rewrite, judged."""
    judge = Judge()
    for family, rules in RULES.items():
        for rule in rules:
            (verdict, first), (twin, second) = rule.verdict(judge), rule.verdict_on_the_twin(judge)
            yield Row(family, rule, verdict, twin, first + second)
