"""Layers with experts: the router's scores, the choice, the chosen experts on their tokens alone, and the rest."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from symformer.functions import sigmoid
from symformer.models.experts import CHOICE, GATHERED, SCORES, Routing
from symformer.models.running.stages import Layer, LayerCompiler, Numbers, Stage, compiled, plain_layer
from symformer.notation import Domain, Tensor
from symformer.programs import Computed, Loop, Rebuild, reachable

EXPERTS = "experts"  # the key under which a layer's inputs hold a function: from a number to an expert's weights


@dataclass(frozen=True)
class RoutedLayer:
    """A layer whose router chooses among experts.

    Attributes:
        before: what depends on no choice, the scores among it.
        expert: one expert.
        gathered: the name of what is read off at the chosen experts.
        after: what depends on the choice, from the results of the chosen experts.
        routing: how experts are chosen.
    """

    before: Stage
    expert: Stage
    gathered: str
    after: Stage
    routing: Routing

    def __call__(self, known: Mapping[str, Any]) -> dict[str, Any]:
        """The outputs, by name; of `known`, "experts" is a function from a number to an expert's weights."""
        found = self.before(known)
        choice = chosen(found[SCORES], self.routing, known)
        results = self._through(found, choice, known[EXPERTS])
        read = np.take_along_axis(found[self.gathered], choice, axis=-1)
        return found | self.after({**known, **found, GATHERED: read, self.expert.outputs[0]: results})

    def _through(self, known: Mapping[str, Any], choice: Any, weights: Callable[[int], Mapping[str, Any]]) -> Any:
        """What each token's experts make of it (..., k, d); experts that no token goes to are not computed."""
        name = next(one for one in self.expert.inputs if one in known)
        rows, places = known[name].reshape(-1, known[name].shape[-1]), choice.reshape(-1, choice.shape[-1])
        results = np.empty((*places.shape, rows.shape[-1]), rows.dtype)
        for number in np.unique(places):
            token, slot = np.nonzero(places == number)
            results[token, slot] = self.expert({name: rows[token], **weights(int(number))})[self.expert.outputs[0]]
        return results.reshape(*choice.shape, -1)


def routed_layer(routing: Routing | None) -> LayerCompiler:
    """Compiles layers: those whose experts are chosen in three parts, others as one function."""

    def layer(loop: Loop, outputs: list[Tensor], weights: Collection[str], numbers: Numbers) -> Layer:
        if routing is None or not routes(loop):
            return plain_layer(loop, outputs, weights, numbers)
        return _cut(routing, outputs, weights, numbers)

    return layer


def routes(loop: Loop) -> bool:
    """Whether a layer has experts to choose from."""
    return any(one.formal.name == CHOICE for one in loop.each)


def _cut(routing: Routing, outputs: list[Tensor], weights: Collection[str], numbers: Numbers) -> RoutedLayer:
    expert = compiled("expert", routing.one.outputs, weights, numbers)
    named = {tensor.name: tensor for tensor in reachable(*outputs)}
    results, gathered = named[expert.outputs[0]], named[GATHERED]
    behind = _behind_the_choice(outputs)
    frontier = _frontier(outputs, behind)
    stands = {one.digest: Tensor(one.name, one.shape, Domain()) for one in (results, gathered, *frontier)}
    early = [one for one in outputs if one.digest not in behind]
    before = {one.name: one for one in (*early, *frontier, named[SCORES])}
    (source,) = (one for one in gathered.origin.parents if isinstance(one, Computed))
    after = [Rebuild(stands)(one) for one in outputs if one.digest in behind]
    first = compiled("before", before.values(), weights, numbers)
    return RoutedLayer(first, expert, source.name, compiled("after", after, weights, numbers), routing)


def _behind_the_choice(outputs: list[Tensor]) -> set[str]:
    """What depends on the choice, by digest."""
    found: set[str] = set()
    for tensor in reachable(*outputs):
        parents = tensor.origin.parents if tensor.origin is not None else ()
        if tensor.name == CHOICE or any(parent.digest in found for parent in parents):
            found.add(tensor.digest)
    return found


def _frontier(outputs: list[Tensor], behind: Collection[str]) -> list[Computed]:
    """What is computed without the choice and read by what depends on it."""
    read = [parent for tensor in reachable(*outputs) if tensor.digest in behind and tensor.origin is not None
            for parent in tensor.origin.parents]  # fmt: skip
    found = {one.digest: one for one in read if isinstance(one, Computed) and one.digest not in behind}
    return list(found.values())


def chosen(scores: Any, routing: Routing, known: Mapping[str, Any]) -> Any:
    """The numbers of the experts that each token is sent to, (..., k): those of the best scores, of equals the first.

    With groups, only experts of the groups whose two best scores have the largest sums.

    Source: DeepSeek-AI 2024, arXiv:2412.19437, section 2.1.2.
    """
    if routing.bias:
        scores = sigmoid(scores) + known[routing.bias]  # type: ignore[no-untyped-call]
    if routing.groups > 1:
        apart = scores.reshape(*scores.shape[:-1], routing.groups, -1)
        best = np.sort(apart, axis=-1)[..., -2:].sum(-1)
        kept = _best(best, routing.top_groups)
        hidden = np.ones(best.shape, bool)
        np.put_along_axis(hidden, kept, False, axis=-1)
        scores = np.where(np.repeat(hidden, apart.shape[-1], axis=-1), -np.inf, scores)
    return _best(scores, routing.top)


def _best(scores: Any, count: int) -> Any:
    return np.argsort(-scores, axis=-1, kind="stable")[..., :count]
