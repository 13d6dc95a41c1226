"""What is put in place of the output of a head, of a feed-forward block, or of a position of the stream."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from symformer.models.running.inputs import InputError
from symformer.models.running.results import merged_heads

TO = ("zero", "mean")
RECORDED = {"stream": "hidden_states", "mlp": "mlps", "self": "heads", "cross": "cross_heads"}


@dataclass(frozen=True)
class Patch:
    """What is put in place of a part's output; with neither `head` nor `mlp`, in place of the stream before a layer.

    Attributes:
        layer: the layer, from 0; with an encoder beside the decoder, of the side that `side` names.
        to: "zero", "mean" (its mean over all tokens that are no padding), an array of the output's shape, or what
            another call with `parts=True` gave: its output then stands here.
        head: the number of a head, from 0: its output (..., n, d_v), before it is projected back to the stream.
        mlp: the output of the feed-forward block (..., n, d).
        position: one position, or several, from 0; by default all.
        attention: "self", or "cross" for a decoder's attention to its encoder.
        side: "decoder" or "encoder".
    """

    layer: int
    to: Any = "zero"
    head: int | None = None
    mlp: bool = False
    position: Any = None
    attention: str = "self"
    side: str = "decoder"

    @property
    def site(self) -> str:
        """What is patched: "stream", "mlp", "self" or "cross"."""
        if self.mlp:
            return "mlp"
        return "stream" if self.head is None else self.attention


def patches_of(given: Any) -> tuple[Patch, ...]:
    """Patches, from one or several of them, or of objects with the same keys.

    Raises:
        InputError: something else.
    """
    if given is None:
        return ()
    listed = given if isinstance(given, (list, tuple)) else [given]
    return tuple(_patch(one) for one in listed)


def _patch(given: Any) -> Patch:
    known = [one.name for one in fields(Patch)]
    if isinstance(given, Mapping) and "layer" in given and set(given) <= set(known):
        given = Patch(**given)
    if not isinstance(given, Patch):
        raise InputError(f"patch: expected objects with a layer and some of {', '.join(known[1:])}, got {given!r}")
    if given.head is not None and given.mlp:
        raise InputError("patch: expected a head or mlp=True, got both")
    return given


@dataclass(frozen=True)
class Changes:
    """The patches of one layer, with what they need to know.

    Attributes:
        patches: those of the layer.
        rank: how many axes the stream has.
        seen: which tokens are no padding (..., n), or None for all.
    """

    patches: Sequence[Patch]
    rank: int
    seen: Any

    def __call__(self, site: str, array: Any) -> Any:
        """What stands at a site, patched."""
        for patch in self.patches:
            if patch.site == site:
                array = self._patched(patch, site, array)
        return array

    def _patched(self, patch: Patch, site: str, array: Any) -> Any:
        if patch.head is None:
            return self._replaced(patch, site, array)
        heads = merged_heads(array, self.rank)
        if not 0 <= patch.head < heads.shape[-3]:
            raise InputError(f"patch: head: expected 0..{heads.shape[-3] - 1}, got {patch.head}")
        heads = heads.copy()
        heads[..., patch.head, :, :] = self._replaced(patch, site, heads[..., patch.head, :, :])
        return heads.reshape(array.shape)

    def _replaced(self, patch: Patch, site: str, array: Any) -> Any:
        """The output of one part (..., n, f), or some positions of it, exchanged."""
        new = np.broadcast_to(self._new(patch, site, array), array.shape)
        if patch.position is None:
            return np.array(new, array.dtype)
        places = np.atleast_1d(patch.position)
        if places.dtype.kind not in "iu" or places.min() < 0 or places.max() >= array.shape[-2]:
            raise InputError(f"patch: position: expected 0..{array.shape[-2] - 1}, got {patch.position!r}")
        changed = array.copy()
        changed[..., places, :] = new[..., places, :]
        return changed

    def _new(self, patch: Patch, site: str, array: Any) -> Any:
        if isinstance(patch.to, str):
            return self._told(patch.to, array)
        found = recorded(patch, site, patch.to) if isinstance(patch.to, Mapping) else np.asarray(patch.to)
        if found.dtype.kind not in "iuf" or found.shape not in ((), array.shape, array.shape[-2:], array.shape[-1:]):
            raise InputError(f"patch: to: expected numbers of shape {array.shape}, got {found.shape}")
        return found

    def _told(self, word: str, array: Any) -> Any:
        if word not in TO:
            raise InputError(f"patch: to: expected {' or '.join(TO)}, an array, or what a call gave, got {word!r}")
        if word == "zero":
            return np.zeros((), array.dtype)
        rows = array.reshape(-1, array.shape[-1])
        return rows.mean(0) if self.seen is None else rows[np.broadcast_to(self.seen, array.shape[:-1]).ravel()].mean(0)


def recorded(patch: Patch, site: str, run: Mapping[str, Any]) -> Any:
    """What stood in another run where a patch stands.

    Raises:
        InputError: that run recorded nothing there.
    """
    side = f"{patch.side}_" if f"{patch.side}_hidden_states" in run else ""
    name = RECORDED[site] if site == "cross" else side + RECORDED[site]
    if name not in run:
        raise InputError(f"patch: to: expected a call's results with {name!r}, as with parts=True, got none")
    layer = run[name][patch.layer]
    return layer if patch.head is None else layer[..., patch.head, :, :]


def check_layers(patches: Sequence[Patch], layers: Mapping[str, int], sites: Mapping[str, Collection[str]]) -> None:
    """Checks that each patch stands in a layer that is there and has such a part.

    Raises:
        InputError: it does not.
    """
    for patch in patches:
        if patch.side not in layers:
            raise InputError(f"patch: side: expected {' or '.join(layers)}, got {patch.side!r}")
        most = layers[patch.side]
        if isinstance(patch.layer, bool) or not isinstance(patch.layer, int) or not 0 <= patch.layer < most:
            raise InputError(f"patch: layer: expected 0..{most - 1}, got {patch.layer!r}")
        if patch.site != "stream" and patch.site not in sites[patch.side]:
            raise InputError(f"patch: expected {', '.join(sites[patch.side])} or the stream, got {patch.site!r}")
