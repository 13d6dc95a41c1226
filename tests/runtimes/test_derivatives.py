"""Jacobian–vector and Hessian–vector products in every runtime, against those of NumPy and of torch.func."""

import numpy as np
import pytest
from test_formulas import _loaded
from test_forward_mode import moved, tuple_of

import symformer as sf
from runtimes.test_targets import TARGETS, assert_same, given_to, torch_only, wide

n, m, d = sf.sizes("n m d")
Q, K, V = sf.tensor("Q", n, d), sf.tensor("K", m, d), sf.tensor("V", m, d)
EVERYWHERE = [*TARGETS, "c"]
FEW = ["softmax_sink", "huber"]


def both(program):
    """A program's Jacobian–vector products with their arguments, and its products with a Hessian."""
    values, tangents = moved(program)
    yield sf.jvp(program), [*values.values(), *tangents.values()]
    gradient = sf.gradient(program)
    outputs = tuple_of(sf.lambdify(program, check=False)(*values.values()))
    seeds = [np.cos(np.arange(np.size(one), dtype=float)).reshape(np.shape(one)) for one in outputs]
    seeds = seeds[: len(gradient.inputs) - len(program.inputs)]
    yield sf.hvp(program), [*seeds, *values.values(), *tangents.values()]


@pytest.mark.parametrize("target", EVERYWHERE)
@pytest.mark.parametrize("name", FEW)
def test_products_are_those_of_numpy(target, name):
    for derived, arrays in both(_loaded(name).PROGRAM):
        for dtype in ("float64", "float32") if target != "jax" else ("float64",):  # jax compiles every shape anew
            given = [one.astype(dtype) if one.dtype.kind == "f" else one for one in map(np.asarray, arrays)]
            wanted = tuple_of(sf.lambdify(derived, "f", check=False)(*given))
            with wide(target):
                made = sf.lambdify(derived, "f", target=target, check=False)
                found = tuple_of(made(*(one if target == "c" else given_to(target, one) for one in given)))
            for one, other in zip(found, wanted, strict=True):
                assert_same(one, other)


@torch_only
def test_products_are_those_of_torch():
    import torch

    torch.manual_seed(0)
    shapes = ((3, 2), (4, 2), (4, 2))
    arrays = tuple(torch.randn(shape, dtype=torch.float64) for shape in shapes)
    tangents = tuple(torch.randn(shape, dtype=torch.float64) for shape in shapes)

    def attention(q, k, v):
        return torch.nn.functional.scaled_dot_product_attention(q, k, v)

    program = sf.attention(Q, K, V, name="O").program
    _, wanted = torch.func.jvp(attention, arrays, tangents)
    torch.testing.assert_close(sf.lambdify(sf.jvp(program), target="torch")(*arrays, *tangents), wanted)

    def gradients(*given):
        return torch.func.grad(lambda *them: (seed * attention(*them)).sum(), argnums=(0, 1, 2))(*given)

    seed = torch.randn(3, 2, dtype=torch.float64)
    _, wanted = torch.func.jvp(gradients, arrays, tangents)
    found = sf.lambdify(sf.hvp(program), target="torch")(seed, *arrays, *tangents)
    torch.testing.assert_close(found, wanted)
