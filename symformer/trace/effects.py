"""What a logit would be without a part: each head and each feed-forward block patched in turn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from symformer.models import LoadedModel, Patch
from symformer.models import letters as at


@dataclass(frozen=True)
class Effect:
    """How a patch moves the logits after the last token.

    Attributes:
        part: the name of what is patched.
        moved: how far the logit of the token moves.
        best: the most likely token then.
        most: the token whose logit moves furthest, and how far.
    """

    part: str
    moved: float
    best: int
    most: tuple[int, float]


def effects(model: LoadedModel, ids: Sequence[int], token: int, to: Any = "zero") -> list[Effect]:
    """What each head and each feed-forward block of a model does to the logit of a token after the last of `ids`.

    Args:
        model: a model of one stream with logits over words.
        ids: token ids.
        token: whose logit.
        to: what is put in place of each part's output, as in `Patch`.

    Raises:
        InputError: ids or `to` that do not fit.
    """
    plain = _scores(model, ids, None)
    found = []
    for name, patch in parts(model, to):
        scores = _scores(model, ids, patch)
        by = scores - plain
        most = int(np.argmax(np.abs(by)))
        found.append(Effect(name, float(by[token]), int(np.argmax(scores)), (most, float(by[most]))))
    return found


def parts(model: LoadedModel, to: Any) -> Iterator[tuple[str, Patch]]:
    """A patch for every head and every feed-forward block, with its name."""
    layers = [cut for cut, stack in zip(model.cut_without, model.architecture.stacks, strict=True)
              for _ in range(model.sizes[stack.layers])]  # fmt: skip
    for layer, cut in enumerate(layers):
        if "self" in cut.sites:
            for head in range(model.sizes[at.H]):
                yield f"head {layer}.{head}", Patch(layer, to, head=head)
        if "mlp" in cut.sites:
            yield f"mlp {layer}", Patch(layer, to, mlp=True)


def _scores(model: LoadedModel, ids: Sequence[int], patch: Patch | None) -> Any:
    return np.asarray(model(list(ids), attentions=False, patch=patch)["logits"][-1], np.float64)
