"""What a page shows beside the steps of a part: all heads' maps, what adds up to a logit, circuits, patches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from symformer.pictures import Picture, bars, multiples
from symformer.trace.attribution import Attribution
from symformer.trace.circuits import Circuits, Entry
from symformer.trace.effects import Effect
from symformer.trace.words import Words

BARS = 12  # parts with bars of their own
WIDEST = 64  # tokens in small maps


@dataclass(frozen=True)
class Beside:
    """What is known of a run beside the part that a page is about; None for what was not asked for or is not there.

    Attributes:
        word: what a token is called.
        maps: the attention weights of each head of a layer (heads, n, n).
        layer: that layer.
        attribution: the parts that add up to a logit.
        circuits: those of the head.
        effects: what patches do, and what was put in place.
    """

    word: Words = str
    maps: Any = None
    layer: int = 0
    attribution: Attribution | None = None
    circuits: Circuits | None = None
    effects: tuple[str, Sequence[Effect]] | None = None

    def notes(self) -> Iterator[str]:
        """Sentences for the page."""
        if self.attribution is not None:
            yield self._added_up(self.attribution)
        if self.circuits is not None:
            yield f"QK circuit, largest entries, from query to key: {self._entries(self.circuits.asks)}{NOTE}"
            if self.circuits.raises:
                yield (
                    f"OV circuit, largest entries, from what is seen to what it raises: "
                    f"{self._entries(self.circuits.raises)}{NOTE}"
                )
        if self.effects is not None:
            yield self._patched(*self.effects)

    def pictures(self) -> Iterator[Picture]:
        """Pictures for the page."""
        if self.maps is not None and self.maps.shape[-1] <= WIDEST:
            maps = [(f"head {number}", rows.tolist()) for number, rows in enumerate(np.asarray(self.maps, float))]
            yield multiples("picture-heads", f"Attention weights of all heads of layer {self.layer}", maps)
        if self.attribution is not None:
            yield logit_bars(self.attribution, self.word)
        if self.effects is not None:
            yield effect_bars(*self.effects)

    def _entries(self, entries: Sequence[Entry]) -> str:
        return "; ".join(f"{self.word(one.source)} → {self.word(one.target)} {one.value:.4f}" for one in entries)

    def _added_up(self, found: Attribution) -> str:
        held = ", ".join(found.held) or "none"
        capped = ", before the soft cap" if found.capped else ""
        return (
            f"The logit of {self.word(found.token)} after token {found.position + 1} is {found.logit:.6f}{capped}: the "
            f"sum of {len(found.parts)} parts, {sum(found.parts.values()):.6f}, in float64. Norms with divisors held "
            f"as they are in this run: {held}. "
            + "; ".join(f"{name} {value:.4f}" for name, value in _by_size(found)[:BARS])
        )

    def _patched(self, to: str, found: Sequence[Effect]) -> str:
        largest = sorted(found, key=lambda one: -abs(one.moved))[:BARS]
        told = [f"{one.part} {one.moved:+.4f} (then most likely: {self.word(one.best)}; moved most: "
                f"{self.word(one.most[0])} {one.most[1]:+.4f})" for one in largest]  # fmt: skip
        return f"Each part set to {to} in turn, and how far the logit moves: " + "; ".join(told)


NOTE = " (rows of the embedding through the scale of the norm, not divided by it, and without positions)"


def _by_size(found: Attribution) -> list[tuple[str, float]]:
    return sorted(found.parts.items(), key=lambda part: -abs(part[1]))


def logit_bars(found: Attribution, word: Words) -> Picture:
    """What each part adds to a logit: the largest ones, what the others come to, and the sum."""
    ordered = _by_size(found)
    shown, rest = ordered[:BARS], ordered[BARS:]
    if rest:
        shown = [*shown, (f"the other {len(rest)}", sum(value for _, value in rest))]
    shown = [*shown, ("sum: the logit", found.logit)]
    title = f"What adds up to the logit of {word(found.token)}, divisors of norms held"
    return bars("picture-logit", title, [("", [value for _, value in shown])], [name for name, _ in shown])


def effect_bars(to: str, found: Sequence[Effect]) -> Picture:
    """How far a logit moves where each part is patched: the largest ones."""
    shown = sorted(found, key=lambda one: -abs(one.moved))[:BARS]
    title = f"How far the logit moves where a part is set to {to}"
    return bars("picture-patch", title, [("", [one.moved for one in shown])], [one.part for one in shown])
