"""The layers of repeats, opened: a page that shows a repeat shows what one of its layers computes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise

from symformer.programs import Computed, Loop, Recurrence, Repeat, layer_words, step_words
from symformer.typeset import Box
from symformer.typeset.names import name_box
from symformer.writers import Inline

Shown = tuple[Computed | Box, Inline]  # a definition or equation, and the words that stand before it


def layer_name(loop: Loop, *which: str | Box) -> Inline:
    """`Encoder, layer ℓ`, or `Layer ℓ` where the layers have no name of their own; a recurrence has its `Step t`."""
    return (f"{loop.title} " if loop.title == "Layer" or loop.recurrent else f"{loop.title}, layer ", *which)


def with_layers(
    where: Sequence[Computed], captions: Mapping[int, str], layered: Mapping[str, Loop], *, lines: bool = False
) -> list[Shown]:
    """The definitions, with those of one layer of every repeat among them before the next caption.

    Args:
        where: the definitions that an author lists.
        captions: words by the place that they stand before.
        layered: the loop to whose layer a definition belongs, by its digest.
        lines: whether lines follow, in which a step of a recurrence goes by its own names.
    """
    listed = {tensor.digest for tensor in where}
    starts = [*sorted({0, *captions}), len(where)]
    shown: list[Shown] = []
    for start, end in pairwise(starts):
        caption: Inline = (captions[start],) if start in captions else ()
        inside = layered.get(where[start].digest) if start < end else None
        if inside is not None and caption:
            caption = (*layer_name(inside, name_box(inside.index.name)), ": ", *caption)
        part: list[Shown] = [(tensor, () if place else caption) for place, tensor in enumerate(where[start:end])]
        loops: dict[str, None] = {}
        for tensor, _ in part:  # grows while it is walked: layers may hold repeats
            if (
                isinstance(tensor, Computed)
                and isinstance(tensor.origin, Repeat)
                and tensor.origin.loop.digest not in loops
            ):
                loops[tensor.origin.loop.digest] = None
                words = _words(tensor.origin, lines)
                layer = _layer(tensor.origin.loop, listed)
                part += [(one, () if place else words) for place, one in enumerate(layer)]
        shown += part
    return shown


def _words(repeat: Repeat, lines: bool) -> Inline:
    told = (" ", *step_words(repeat.loop), ".") if lines and repeat.loop.recurrent else ()
    return (*layer_words(repeat), ".", *told)


def _layer(loop: Loop, listed: Collection[str]) -> list[Computed | Box]:
    """What is shown of a layer: of a recurrence its equations, and whatever its steps repeat themselves."""
    if not loop.recurrent:
        return [one for one in loop.statements if one.digest not in listed]
    return [*Recurrence(loop).equations(), *(one for one in loop.statements if isinstance(one.origin, Repeat))]
