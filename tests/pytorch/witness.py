"""Everything of PyTorch's that is recorded, by name."""

from __future__ import annotations

from function_cases import CASES, case
from optimizer_cases import STEPS
from recorded import SEEDS

from pytorch import documents, layers
from pytorch.calls import value_and_gradients
from pytorch.optimizers import steps


def called(name, seed):
    """A function at a seed: its value, then its gradients."""
    inputs, options, rng = case(name, seed)
    return value_and_gradients(name, inputs, options, rng.cotangent)


def witnessed():
    """Name and arrays of each entry."""
    for name in CASES:
        yield from ((f"{name} {seed}", called(name, seed)) for seed in range(SEEDS))
    for name in STEPS:
        yield from ((f"{name} {dtype}", steps(name, dtype)) for dtype in ("float32", "float64"))
    yield from ((f"attention of algorithm 4, {mask}", documents.attention(mask)) for mask in ("-inf", "-1e9"))
    yield from ((f"transformer, {norm}", documents.whole(norm)) for norm in ("post", "pre"))
    yield "encoder", documents.alone(9, "post", "_enc")
    yield "decoder", documents.alone(10, "pre", "_dec")
    yield "repeated block", layers.block()
    for batch, length in ((1, 5), (3, 8)):
        yield f"flops of a layer, {batch} {length}", layers.layer_flops(batch, length)
    yield "flops of causal attention", layers.attention_flops()
