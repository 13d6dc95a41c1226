"""One page of a run on which a reader chooses a layer and a head: maps of all heads, circuits, a logit, patches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from symformer.models import LoadedModel
from symformer.models import letters as at
from symformer.pictures import multiples
from symformer.pictures.standalone import standalone
from symformer.trace.attribution import attribution
from symformer.trace.beside import Beside, effect_bars, logit_bars
from symformer.trace.circuits import Circuits, circuits
from symformer.trace.effects import effects
from symformer.trace.head import TraceError
from symformer.trace.words import Words

MOST = 64  # tokens of which maps are drawn


def explorer_page(
    model: LoadedModel, ids: Sequence[int], *, word: Words = str, patch: tuple[str, Any] | None = None
) -> str:
    """The page as HTML: it loads nothing, and without script everything is shown.

    Args:
        model: a model of one stream over words.
        ids: token ids, at most 64.
        word: what a token is called.
        patch: what each part is set to in turn, in words and as `Patch.to` has it; None for no patches.

    Raises:
        TraceError: another model, or too many tokens.
        InputError: ids that do not fit.
    """
    if model.architecture.has_encoder or model.architecture.image is not None:
        raise TraceError(f"{model.model_type}: expected a model of one stream over words")
    if len(ids) > MOST:
        raise TraceError(f"ids: expected at most {MOST} tokens on one page, got {len(ids)}")
    maps = [np.asarray(layer, np.float64) for layer in model(list(ids))["attentions"]]
    added = _found(lambda: attribution(model, ids))
    moved = effects(model, ids, added.token, patch[1]) if added is not None and patch is not None else []
    beside = Beside(word, attribution=added, effects=(patch[0], moved) if patch is not None and moved else None)
    drawn = [] if added is None else [logit_bars(added, word)]
    drawn += [effect_bars(patch[0], moved)] if patch is not None and moved else []
    return standalone(
        "symformer.trace",
        "explorer",
        title=f"Heads of {model.architecture.model_class}",
        words=[word(token) for token in ids],
        layers=len(maps),
        heads=model.sizes[at.H],
        parts=list(_heads(model, ids, maps, word)),
        notes=list(beside.notes()),
        pictures=drawn,
        moved=[(one.part, f"{one.moved:+.4f}", word(one.best)) for one in moved],
        patch=patch[0] if patch is not None else "",
    )


def _found(what: Any) -> Any:
    try:
        return what()
    except TraceError:
        return None


def _heads(model: LoadedModel, ids: Sequence[int], maps: Sequence[Any], word: Words) -> Iterator[dict[str, Any]]:
    """What the page has of each head: its map as a picture and as numbers, and its circuits."""
    for layer, heads in enumerate(maps):
        for head, rows in enumerate(heads):
            own: Circuits | None = _found(lambda layer=layer, head=head: circuits(model, ids, layer, head))
            yield {
                "layer": layer,
                "head": head,
                "svg": multiples(f"map-{layer}-{head}", f"Layer {layer}, head {head}", [("", rows.tolist())]).svg,
                "rows": [[f"{value:.3f}" for value in row] for row in rows],
                "asks": _entries(own.asks if own else (), word),
                "raises": _entries(own.raises if own else (), word),
            }


def _entries(entries: Sequence[Any], word: Words) -> list[tuple[str, str, str]]:
    return [(word(one.source), word(one.target), f"{one.value:.4f}") for one in entries]
