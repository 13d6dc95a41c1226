"""What one layer of a running model reads."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from symformer.models.running.routing import EXPERTS
from symformer.models.running.stages import Section
from symformer.models.running.weights import Weights

# What a program is given beside parameters.
GIVEN = frozenset({
    "ids", "mask", "positions", "token_types", "frequencies", "windows", "depths", "buckets", "pixels", "frames",
    "decoder_ids", "decoder_mask", "decoder_positions", "decoder_buckets",
})  # fmt: skip
# Those of them that each layer has for itself, and the experts' choice, which it makes.
PER_LAYER = ("windows", "depths", "frequencies", "choices")


def layer_inputs(
    section: Section, weights: Weights, known: Mapping[str, Any], number: int, dtype: Any
) -> dict[str, Any]:
    """All that a layer reads beside the stream, by the names in it.

    Args:
        section: the layers.
        weights: their parameters.
        known: what is the same for all layers, and what each has for itself in a row, by the names outside.
        number: the layer, from 0.
        dtype: of the parameters.
    """
    loop = section.loop
    shared = {one.formal.name: known[one.actual.name] for one in loop.shared}
    each = {one.formal.name: known[one.actual.name][number] for one in loop.each if one.actual.name in GIVEN}
    experts = {EXPERTS: partial(weights.expert, section.stack, number, dtype=dtype)}
    return {**shared, **each, **experts, **weights.layer(section.stack, number, dtype)}
