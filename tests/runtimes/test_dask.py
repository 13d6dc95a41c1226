"""The array-API text on arrays of Dask: nothing is computed before it is asked for, and they may exceed memory."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

import symformer.functions
from runtimes.test_targets import run
from symformer.cli.names import SIGNATURES
from symformer.compile import signature_module

MISSING = [name for name in ("dask", "array_api_compat") if find_spec(name) is None]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")
LARGE = """
import resource
import dask
import dask.array as da
from symformer.cli.names import SIGNATURES
from symformer.compile import signature_module

dask.config.set(scheduler="synchronous")
space = {"__name__": "made"}
exec(signature_module(SIGNATURES["softmax"], "array-api"), space)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
x = da.ones((400_000, 250), chunks=(10_000, 250), dtype="float32")  # 400 MB
y = space["softmax"](x)
assert y.numblocks == x.numblocks
total = float(y[:, 0].sum())
gained = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(round(total), gained < 150_000, gained)
"""


def lazy(array, *chunks):
    import dask.array

    return dask.array.from_array(array, chunks=chunks)


@pytest.mark.parametrize("name", ["softmax", "layer_norm", "gelu"])
def test_rows_in_chunks(name):
    made = run(signature_module(SIGNATURES[name], "array-api"))
    x = np.random.default_rng(0).normal(size=(12, 7))
    found = made[name](lazy(x, 5, 7))
    assert type(found).__module__.startswith("dask")
    np.testing.assert_allclose(found, getattr(symformer.functions, name)(x), rtol=1e-12, atol=1e-14)
    gradient = made[f"{name}_vjp"](lazy(x, 5, 7), lazy(x, 5, 7))[0]
    np.testing.assert_allclose(gradient, getattr(symformer.functions, f"{name}_vjp")(x, x)[0], rtol=1e-11, atol=1e-13)


def test_attention_in_chunks_of_heads_and_rows():
    made = run(signature_module(SIGNATURES["attention"], "array-api"))
    q, k, v = (np.random.default_rng(seed).normal(size=(2, 12, 4)) for seed in range(3))
    chunked = [lazy(one, 1, 5, 4) for one in (q, k, v)]
    for options in ({}, {"is_causal": True}):
        found = made["attention"](*chunked, **options)
        np.testing.assert_allclose(found, symformer.functions.attention(q, k, v, **options), rtol=1e-11)
    gradients = made["attention_vjp"](chunked[0], *chunked)
    for one, other in zip(gradients[:3], symformer.functions.attention_vjp(q, q, k, v)[:3], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)


def test_an_array_of_many_chunks_is_never_there_as_a_whole():
    folder = str(Path(__file__).resolve().parent.parent.parent)
    paths = os.pathsep.join([folder, os.environ.get("PYTHONPATH", "")])
    done = subprocess.run([sys.executable, "-c", LARGE], env={**os.environ, "PYTHONPATH": paths}, capture_output=True,
                          text=True, check=False)  # fmt: skip
    assert done.stdout.startswith("1600 True"), done.stdout + done.stderr[-2000:]
