"""The layers of repeats, opened: a page that shows a repeat shows what one of its layers computes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from symformer.programs import Computed, Repeat
from symformer.typeset.names import name_box
from symformer.writers import Inline

Shown = tuple[Computed, Inline]  # a definition, and the words that stand before it


def with_layers(where: Sequence[Computed], captions: Mapping[int, str]) -> list[Shown]:
    """The definitions, with those of one layer of every repeat among them before the next caption.

    Args:
        where: the definitions that an author lists.
        captions: words by the place that they stand before.
    """
    listed = {tensor.digest for tensor in where}
    starts = [*sorted({0, *captions}), len(where)]
    shown: list[Shown] = []
    for start, end in pairwise(starts):
        caption: Inline = (captions[start],) if start in captions else ()
        part: list[Shown] = [(tensor, () if place else caption) for place, tensor in enumerate(where[start:end])]
        loops: dict[str, None] = {}
        for tensor, _ in part:  # grows while it is walked: layers may hold repeats
            if isinstance(tensor.origin, Repeat) and tensor.origin.loop.digest not in loops:
                loops[tensor.origin.loop.digest] = None
                layer = [one for one in tensor.origin.loop.statements if one.digest not in listed]
                part += [(one, () if place else _lead(tensor.origin)) for place, one in enumerate(layer)]
        shown += part
    return shown


def _lead(repeat: Repeat) -> Inline:
    """What the layer is called, what goes through it, and what its weights are."""
    loop = repeat.loop
    formal, after = loop.carried[0].formal.box, loop.carried[0].after.box
    slices, shared = loop.slice_boxes(), loop.shared_boxes()
    rest = f" and so on for all {len(loop.each)} weights" if len(slices) < len(loop.each) else ""
    bound = [part for box in slices for part in (", ", box)] + ([rest] if rest else [])
    bound += [part for box in shared for part in (", ", box)]
    words = (
        "Layer " if loop.title == "Layer" else f"{loop.title}, layer ",
        name_box(loop.index.name),
        ": ",
        formal,
        " becomes ",
        after,
    )
    return (*words, *((", with ", *bound[1:]) if bound else ()), ".")
