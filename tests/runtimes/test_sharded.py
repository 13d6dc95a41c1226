"""Sequences that are shared out over devices: the bodies of attention and its gradients on eight faked CPU devices."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from test_formulas import _loaded

import symformer as sf
from symformer.cli import main
from symformer.compile import sharded_module

TESTS = Path(__file__).resolve().parent.parent
RUN = """
import os
os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=8"
import jax
import numpy as np
from functools import partial
from jax.sharding import AxisType, PartitionSpec as P

import symformer as sf
import symformer.functions as plain
from symformer.compile import sharded_module

jax.config.update("jax_enable_x64", True)
n, m, d, e = sf.sizes("n m d e")
Q, K, V, seen = sf.tensor("Q", n, d), sf.tensor("K", m, d), sf.tensor("V", m, e), sf.tensor("seen", n, m, kind="mask")
mesh = jax.make_mesh((8,), ("x",), axis_types=(AxisType.Auto,))
random = np.random.default_rng(0)
q, k, v, dO = (random.normal(size=shape) for shape in ((16, 4), (24, 4), (24, 3), (16, 3)))
k[5] = 300 * q[2]  # one device holds all that a row sees
mask = random.random((16, 24)) < 0.4
mask[1], mask[3, 12:] = False, False
row, column = P("x"), P(None, "x")


def shared(body, taken, given):
    return jax.jit(jax.shard_map(partial(body, axis="x"), mesh=mesh, in_specs=taken, out_specs=given, check_vma=False))


for visible, masked in (((), ()), ((mask,), (seen,))):
    space = {"__name__": "made"}
    exec(sharded_module("f", sf.program(sf.attention(Q, K, V, *masked, name="O"))), space)
    taken = (row, row, row, *(column for _ in masked))
    found = shared(space["f"], taken, row)(q, k, v, *visible)
    np.testing.assert_allclose(found, plain.attention(q, k, v, *visible), rtol=1e-12, atol=1e-14)
    gradients = shared(space["f_vjp"], (row, *taken), (row,) * 3)(dO, q, k, v, *visible)
    for one, other in zip(gradients, plain.attention_vjp(dO, q, k, v, *visible)):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)
print("the same")
"""


@pytest.mark.skipif(find_spec("jax") is None, reason="jax is not installed")
def test_eight_devices_compute_attention_and_its_gradients():
    paths = os.pathsep.join([str(TESTS), str(TESTS.parent)])
    done = subprocess.run([sys.executable, "-c", RUN], env={**os.environ, "PYTHONPATH": paths}, capture_output=True,
                          text=True, check=False)  # fmt: skip
    assert done.stdout.strip() == "the same", done.stderr[-2000:]


def test_maxima_are_exchanged_before_what_is_summed_below_them():
    n, m, d = sf.sizes("n m d")
    q, k, v = sf.tensor("Q", n, d), sf.tensor("K", m, d), sf.tensor("V", m, d)
    text = sharded_module("f", sf.program(sf.attention(q, k, v, name="O")))
    forward = text[text.index("def f(") : text.index("def f_vjp(")]
    assert forward.index("pmax") < forward.index("jnp.exp") < forward.index("psum")
    assert forward.count("psum") == 2


def test_what_cannot_be_shared_out_is_named(tmp_path, capsys):
    file = tmp_path / "f.py"
    n, d = sf.sizes("n d")
    for program, told in (
        (sf.program(sf.gelu(sf.tensor("X", n, d))), "no rows and columns"),
        (
            sf.program(sf.attention(*(sf.tensor(one, n, d) for one in "QKV"), is_causal=True)),
            "positions along the axis",
        ),
    ):
        with pytest.raises(sf.CompileError, match=told):
            sharded_module("f", program)
    path = f"{_loaded('gru').__file__}:PROGRAM"
    assert main(["export", path, "--to", "jax", "--shard", "-o", str(file)]) == 2
    assert main(["export", "softmax", "--to", "torch", "--shard", "-o", str(file)]) == 2
    assert "--shard is for --to jax, not for torch" in capsys.readouterr().err
    assert not file.exists()
