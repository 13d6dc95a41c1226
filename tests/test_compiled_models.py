"""Whole models as one function: the layers compile to a loop, the gradients of all parameters to one that runs down."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import symformer as sf
from symformer.calculus import reverse
from symformer.models.running.asked import Asked

MODELS = Path(__file__).parent / "fixtures" / "models"
CASES = ("bert", "bloom", "gemma2", "gpt2", "llama", "llama_tied_stretched", "mistral", "opt", "phi", "qwen3")
IDS = np.array([3, 1, 4, 1, 5, 9, 2])
PRECISE = ("positions", "frequencies")
STEP = 1e-6


def loaded(name):
    """A tiny checkpoint, and everything that its program reads, by name: the layers' parameters as stacks."""
    model = sf.models.load(MODELS / name, dtype="float64")
    (section,), asked = model.stages(False).sections, Asked(IDS)
    known = model.known(asked, np.dtype("float64"))
    known |= section.begin(known) if section.begin is not None else {}
    layers = [model.layer_inputs(section, asked, number) for number in range(model.sizes[section.loop.size])]
    stacks = {
        one.actual.name: np.stack([layer[one.formal.name] for layer in layers])
        for one in section.loop.each
        if one.actual.name not in known
    }
    return model, {**known, **stacks}


@pytest.mark.parametrize("name", CASES)
def test_a_model_as_one_function_gives_what_it_gives_layer_by_layer(name):
    model, given = loaded(name)
    ready = [out for out in model.program.outputs if all(one.name in given for one in sf.program(out).inputs)]
    program = sf.program(ready[-1])
    weights = {one.name for one in program.inputs} - {"ids", "mask", "positions", "token_types"}
    function = sf.lambdify(program, "model", weights=weights, precise=PRECISE)
    assert function.source.count("for ell in range(") == 1
    found = function(*(given[one.name] for one in program.inputs))
    wanted = [value for value in model(IDS).values() if getattr(value, "shape", None) == found.shape]
    assert any(np.abs(found - value).max() < 1e-12 for value in wanted)


@pytest.mark.parametrize("name", ["gpt2", "llama"])
def test_the_gradients_of_a_whole_model_are_its_slopes(name):
    """Every parameter is moved in one direction, and the logits by as much as its gradient says."""
    model, given = loaded(name)
    program = sf.program(next(out for out in model.program.outputs if out.name == "logits"))
    backward = reverse(program)
    function = sf.lambdify(program, "model", precise=PRECISE)
    gradients = sf.lambdify(backward.program, "model_vjp", precise=PRECISE)
    values = {one.name: np.asarray(given[one.name]) for one in program.inputs}
    random = np.random.default_rng(0)
    cotangent = random.normal(size=function(*values.values()).shape)
    found = gradients(cotangent, *values.values())
    assert len(found) > 10
    for tensor, gradient in zip(backward.wrt, found, strict=True):
        way = random.normal(size=gradient.shape)
        up, down = (function(*{**values, tensor.name: values[tensor.name] + move * way}.values())
                    for move in (STEP, -STEP))  # fmt: skip
        slope = np.sum((up - down) * cotangent) / (2 * STEP)
        assert np.sum(gradient * way) == pytest.approx(slope, rel=1e-6, abs=1e-6), tensor.name
