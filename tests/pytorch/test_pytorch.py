"""PyTorch itself: that it still says what is recorded, and that generated functions agree with it at new cases."""

from __future__ import annotations

import numpy as np
import pytest
from function_cases import CASES
from recorded import recorded

from pytorch.compared import compared
from pytorch.witness import witnessed

RANDOM_CALLS = 60
FIRST = 1000  # the cases below are recorded


def test_what_is_recorded_is_what_pytorch_says():
    for name, arrays in witnessed():
        for found, wanted in zip(arrays, recorded(name), strict=True):
            assert (found is None) == (wanted is None), name
            if found is not None:
                near = 100 * np.finfo(wanted.dtype).eps if wanted.dtype.kind == "f" else 0
                assert (found.dtype, found.shape) == (wanted.dtype, wanted.shape), name
                size = np.abs(wanted[np.isfinite(wanted)]).max(initial=1)
                np.testing.assert_allclose(found, wanted, rtol=near, atol=near * size, err_msg=name)


@pytest.mark.parametrize("name", CASES)
def test_functions_and_gradients_are_pytorchs(name):
    for seed in range(FIRST, FIRST + RANDOM_CALLS):
        assert compared(name, seed) == "", f"case({name!r}, {seed})"


def test_the_comparison_bites(monkeypatch):
    monkeypatch.setattr("symformer.functions.softmax", lambda x, axis=-1: np.zeros_like(x))
    assert any(compared("softmax", seed) for seed in range(9))
    monkeypatch.setattr("symformer.functions.gelu_vjp", lambda cotangent, x, approximate: (cotangent,))
    assert any(compared("gelu", seed) for seed in range(9))
