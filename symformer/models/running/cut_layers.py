"""A layer cut where its attentions and its feed-forward block end: what stands there is read off, or exchanged."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from typing import Any

from symformer.models.experts import CHOICE, Routing
from symformer.models.running.patching import Changes, Patch, check_layers
from symformer.models.running.routing import routed_layer
from symformer.models.running.stages import Layer, Numbers, attentions_of, plain_layer, sliced
from symformer.notation import Domain, Tensor
from symformer.programs import Loop, Rebuild, reachable

ATTENDED = {"self": "O", "cross": "O_x"}  # what heads find, before it is projected back to the stream
FED = ("F", "E")  # what a feed-forward block, or the experts in its place, adds
Change = Callable[[str, Any], Any]  # from a site and what stands there to what shall stand there


class CutLayer:
    """A layer that is computed from one site to the next.

    Args:
        loop: the layers.
        routing: how experts are chosen, where there are any.
        attentions: whether attention weights are given back.
        numbers: the model's sizes.
    """

    def __init__(self, loop: Loop, routing: Routing | None, attentions: bool, numbers: Numbers) -> None:
        self.loop, self.routing, self.numbers = loop, routing, numbers
        self.wanted = [loop.carried[0].after, *(attentions_of(loop) if attentions else ())]
        self.weights = set(sliced(loop))

    @cached_property
    def sites(self) -> dict[str, Tensor]:
        """The tensors that stand at each site, in the order in which they are computed."""
        named = {one.name: one for one in self.loop.statements}
        found = {named[name].digest: site for site, name in ATTENDED.items() if name in named}
        fed = next((named[name] for name in FED if name in named), None)
        found |= {fed.digest: "mlp"} if fed is not None else {}
        return {found[one.digest]: one for one in reachable(*self.wanted) if one.digest in found}

    @cached_property
    def pieces(self) -> list[tuple[str, Layer]]:
        """The compiled pieces, each with the site at its end; the last one ends the layer."""
        known, found = Rebuild({}), list[tuple[str, Layer]]()
        for site, tensor in self.sites.items():
            found.append((site, self._compiled([known(tensor)])))
            known = Rebuild(_given(self.sites, [name for name, _ in found]))
        return [*found, ("", self._compiled([known(one) for one in self.wanted]))]

    def _compiled(self, outputs: list[Tensor]) -> Layer:
        chooses = self.routing is not None and any(one.name == CHOICE for one in reachable(*outputs))
        compiler = routed_layer(self.routing) if chooses else plain_layer
        return compiler(self.loop, outputs, self.weights, self.numbers)

    def __call__(self, known: dict[str, Any], change: Change) -> tuple[dict[str, Any], dict[str, Any]]:
        """The outputs of the layer, by name, and what stood at each site, after `change(site, array)`."""
        seen: dict[str, Any] = {}
        for site, piece in self.pieces:
            found = piece(known)
            if not site:
                return found, seen
            name = self.sites[site].name
            seen[site] = known[name] = change(site, found[name])
        raise AssertionError("the last piece has no site")


def _given(sites: Mapping[str, Tensor], names: Collection[str]) -> dict[str, Tensor]:
    """Inputs in place of what stands at some sites."""
    return {sites[name].digest: Tensor(sites[name].name, sites[name].shape, Domain()) for name in names}


class Inspection:
    """A run whose parts are recorded, and patched where a caller asks for it.

    Args:
        cut: the cut layers of each stack, in their order.
        layers: how many layers each stack has.
        patches: the patches of a call.
        sides: which side each stack belongs to; layers of one side are counted on from stack to stack.
    """

    def __init__(
        self, cut: Sequence[CutLayer], layers: Sequence[int], patches: Sequence[Patch], sides: Sequence[str]
    ) -> None:
        self.cut, self.layers, self.patches, self.sides = cut, layers, patches, sides
        totals = {side: sum(n for n, own in zip(layers, sides, strict=True) if own == side) for side in sides}
        sites = {side: list(one.sites) for one, side in zip(cut, sides, strict=True)}
        check_layers(patches, totals, sites)

    def changes(self, stack: int, number: int, rank: int, seen: Any) -> Changes:
        """The patches of one layer of a stack."""
        side = self.sides[stack]
        place = number + sum(self.layers[before] for before in range(stack) if self.sides[before] == side)
        own = [one for one in self.patches if one.side == side and one.layer == place]
        return Changes(own, rank, seen)
