"""One formula, every runtime: library functions and published formulas in PyTorch, JAX and the array API, forward and
backward, against the NumPy functions that other tests hold against references; derivatives under autograd.
"""

from contextlib import nullcontext
from importlib.util import find_spec

import numpy as np
import pytest
from function_cases import CASES, case
from test_formulas import FORMULAS, _inputs, _loaded

import symformer as sf
import symformer.functions
from symformer.cli import main
from symformer.cli.names import SIGNATURES
from symformer.compile import export_program, signature_module

PACKAGES = {"torch": "torch", "jax": "jax", "array-api": "array_api_strict"}
TARGETS = [
    pytest.param(name, marks=pytest.mark.skipif(find_spec(package) is None, reason=f"{package} is not installed"))
    for name, package in PACKAGES.items()
]
EXAMPLES = {"torch": 3, "jax": 1, "array-api": 2}  # jax compiles every shape anew
TOLERANCE = {2: 3e-3, 4: 2e-5, 8: 1e-10}
SHARE = {"jax": 16, "torch": 2, "array-api": 1}  # of the formulas one in so many: jax compiles every shape anew
PUBLISHED = [
    pytest.param(*target.values, name, marks=target.marks)
    for target in TARGETS
    for name in list(FORMULAS)[:: SHARE[target.values[0]]]
]
torch_only = pytest.mark.skipif(find_spec("torch") is None, reason="torch is not installed")
jax_only = pytest.mark.skipif(find_spec("jax") is None, reason="jax is not installed")


def run(text):
    """The names of a module."""
    space = {"__name__": "made"}
    exec(text, space)
    return space


def wide(target):
    """While this lasts, JAX keeps float64."""
    if target != "jax":
        return nullcontext()
    import jax

    return jax.enable_x64(True)


def given_to(target, value):
    """An argument as the target's library has it."""
    if not isinstance(value, (np.ndarray, np.generic)):
        return value
    match target:
        case "torch":
            import torch

            return torch.as_tensor(np.array(value))
        case "jax":
            import jax.numpy

            return jax.numpy.asarray(value)
    import array_api_strict

    return array_api_strict.asarray(np.asarray(value))


def taken_from(value):
    """A result as an array of NumPy."""
    return np.asarray(value.detach() if hasattr(value, "detach") else value)


def assert_same(found, wanted):
    """The same dtype and shape, NaN and ∞ in the same places, and close elsewhere."""
    if wanted is None:
        assert found is None
        return
    found, wanted = taken_from(found), np.asarray(wanted)
    assert (found.dtype, found.shape) == (wanted.dtype, wanted.shape)
    finite = np.isfinite(wanted)
    np.testing.assert_array_equal(found[~finite], wanted[~finite])
    scale = 1 + np.abs(wanted[finite], dtype=float).max(initial=0)
    gap = np.abs(found[finite].astype(float) - wanted[finite]).max(initial=0)
    assert gap <= TOLERANCE[wanted.dtype.itemsize] * scale


@pytest.mark.parametrize("name", sorted(CASES))
@pytest.mark.parametrize("target", TARGETS)
def test_a_library_function_is_that_of_numpy(target, name):
    made = run(signature_module(SIGNATURES[name], target))
    function, backward = getattr(symformer.functions, name), getattr(symformer.functions, f"{name}_vjp")
    dtypes = ("float32", "float64") if target == "array-api" else ("float16", "float32", "float64")
    for seed, dtype in zip(range(EXAMPLES[target]), dtypes, strict=False):
        arrays, options, _ = case(name, seed, dtype)
        handed = [given_to(target, one) for one in arrays]
        named = {key: given_to(target, value) for key, value in options.items()}
        wanted = function(*arrays, **options)
        cotangent = np.cos(np.arange(np.size(wanted), dtype=float)).reshape(np.shape(wanted)).astype(wanted.dtype)
        with wide(target):
            assert_same(made[name](*handed, **named), wanted)
            found = made[f"{name}_vjp"](given_to(target, cotangent), *handed, **named)
        for one, other in zip(found, backward(cotangent[()], *arrays, **options), strict=True):
            assert_same(one, other)


@pytest.mark.parametrize(("target", "name"), PUBLISHED)
def test_a_published_formula_is_that_of_numpy(target, name):
    program = _loaded(name).PROGRAM
    made = sf.lambdify(program, "f", target=target, check=False).space
    plain = run(export_program("f", program, check=False)[0])
    arrays = _inputs(program, 3)
    wanted = plain["f"](*arrays)
    several = isinstance(wanted, tuple)
    cotangents = [np.cos(np.arange(np.size(one), dtype=float)).reshape(np.shape(one)) for one in
                  (wanted if several else (wanted,))]  # fmt: skip
    with wide(target):
        handed = [given_to(target, one) for one in arrays]
        found = made["f"](*handed)
        for one, other in zip(found if several else (found,), wanted if several else (wanted,), strict=True):
            assert_same(one, other)
        seeds = tuple(given_to(target, one) for one in cotangents)
        gradients = made["f_vjp"](seeds if several else seeds[0], *handed)
        for one, other in zip(
            gradients, plain["f_vjp"](tuple(cotangents) if several else cotangents[0], *arrays), strict=True
        ):
            assert_same(one, other)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (1, 1), (2, 0, 4), (4, 5)])
def test_empty_arrays_and_views(target, shape):
    made = run(signature_module(SIGNATURES["softmax"], target))
    x = np.asfortranarray(np.random.default_rng(0).normal(size=shape))
    with wide(target):
        assert_same(made["softmax"](given_to(target, x)), symformer.functions.softmax(x))
        (found,) = made["softmax_vjp"](given_to(target, x), given_to(target, x))
        assert_same(found, symformer.functions.softmax_vjp(x, x)[0])


@pytest.mark.parametrize("target", TARGETS)
def test_what_is_hidden_reaches_nothing(target):
    made = run(signature_module(SIGNATURES["attention"], target))
    random = np.random.default_rng(1)
    q, k, v, dy = (random.normal(size=(3, 2)) for _ in range(4))
    k[2], v[2] = np.nan, np.inf
    mask = np.array([[True, False, False], [True, True, False], [False, False, False]])
    with wide(target):
        handed = [given_to(target, one) for one in (q, k, v, mask)]
        assert_same(made["attention"](*handed), symformer.functions.attention(q, k, v, mask))
        wanted = symformer.functions.attention_vjp(dy, q, k, v, mask)
        for one, other in zip(made["attention_vjp"](given_to(target, dy), *handed), wanted, strict=True):
            assert_same(one, other)


@pytest.mark.parametrize("target", TARGETS)
def test_wrong_shapes_are_named(target):
    made = run(signature_module(SIGNATURES["linear"], target))
    with pytest.raises(ValueError, match=r"linear: weight: expected shape \(d_in=3, d_out\), got \(4, 2\)"):
        made["linear"](given_to(target, np.ones((2, 3))), given_to(target, np.ones((4, 2))))
    with pytest.raises(TypeError, match="floating-point"):
        made["linear"](given_to(target, np.ones((2, 3), int)), given_to(target, np.ones((3, 2))))


@torch_only
@pytest.mark.parametrize("name", ["softmax", "layer_norm", "gelu", "attention", "cross_entropy"])
def test_torch_differentiates_by_the_derived_rule(name):
    import torch

    made = run(signature_module(SIGNATURES[name], "torch"))
    torch.manual_seed(0)
    shapes = {"softmax": [(2, 3)], "layer_norm": [(2, 3), (3,), (3,)], "gelu": [(5,)],
              "attention": [(3, 2), (4, 2), (4, 2), (3, 4)], "cross_entropy": [(3, 4), (3, 4)]}[name]  # fmt: skip
    arrays = [torch.randn(shape, dtype=torch.float64, requires_grad=True) for shape in shapes]
    assert torch.autograd.gradcheck(made[name], arrays)
    assert torch.autograd.gradgradcheck(made[name], arrays)
    result = made[name](*arrays)
    assert "Function" in type(result.grad_fn).__name__


@torch_only
def test_torch_compiles_and_maps():
    import torch

    made = run(signature_module(SIGNATURES["softmax"], "torch"))
    x = torch.randn(4, 3, 5, requires_grad=True)
    wanted = torch.softmax(x, -1)
    torch.testing.assert_close(torch.vmap(made["softmax"])(x), wanted)
    torch.testing.assert_close(torch.vmap(torch.func.grad(lambda row: made["softmax"](row)[..., 0].sum()))(x),
                               torch.autograd.grad(wanted[..., 0].sum(), x)[0])  # fmt: skip
    compiled = torch.compile(made["softmax"], backend="eager", fullgraph=True)
    torch.testing.assert_close(compiled(x), wanted)


@jax_only
def test_jax_jits_maps_and_differentiates_twice():
    import jax
    from jax.test_util import check_grads

    made = run(signature_module(SIGNATURES["attention"], "jax"))
    with jax.enable_x64(True):
        q, k, v = (jax.random.normal(key, (2, 3, 4)) for key in jax.random.split(jax.random.key(0), 3))

        def loss(*arrays):
            return (made["attention"](*arrays, is_causal=True) ** 2).sum()

        wanted = symformer.functions.attention(np.asarray(q), np.asarray(k), np.asarray(v), is_causal=True)
        found = jax.jit(jax.vmap(lambda *one: made["attention"](*one, is_causal=True)))(q, k, v)
        np.testing.assert_allclose(found, wanted, rtol=1e-12)
        gradients = jax.jit(jax.grad(loss, argnums=(0, 1, 2)))(q, k, v)
        derived = made["attention_vjp"](2 * found, q, k, v, is_causal=True)
        for one, other in zip(gradients, derived, strict=False):
            np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-12)
        check_grads(loss, (q, k, v), order=2, modes=["rev"])


@pytest.mark.parametrize("target", list(PACKAGES))
def test_exports_say_what_they_need(target, tmp_path, capsys):
    file = tmp_path / "f.py"
    assert main(["export", "layer_norm", "--to", target, "-o", str(file)]) == 0
    text = file.read_text()
    assert "symformer" not in text.replace("SymFormer", "")
    assert "out=" not in text
    assert "def layer_norm_vjp(" in text
    assert main(["export", "softmax-jacobian", "--to", target, "-o", str(file)]) == 0
    assert capsys.readouterr().out == ""


def test_a_target_that_there_is_not():
    with pytest.raises(sf.CompileError, match=r"target: expected one of numpy, .*, got 'fortran'"):
        sf.lambdify(sf.softmax(sf.tensor("x", sf.sizes("n"))), target="fortran")
