"""What one layer of a running model reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from symformer.models.running.weights import Weights
from symformer.programs import Loop

# What a program is given beside parameters.
GIVEN = frozenset({"ids", "mask", "positions", "token_types", "frequencies", "windows"})


def layer_inputs(loop: Loop, weights: Weights, known: Mapping[str, Any], number: int, dtype: Any) -> dict[str, Any]:
    """All that a layer reads beside the stream, by the names in it.

    Args:
        loop: the layers.
        weights: their parameters, of which those of the first stack are meant.
        known: what is the same for all layers, and what each has for itself in a row, by the names outside.
        number: the layer, from 0.
        dtype: of the parameters.
    """
    shared = {one.formal.name: known[one.actual.name] for one in loop.shared}
    each = {one.formal.name: known[one.actual.name][number] for one in loop.each if one.actual.name in GIVEN}
    return {**shared, **each, **weights.layer(weights.model.architecture.stacks[0], number, dtype)}
