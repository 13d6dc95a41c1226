"""The C target: files that compile without a warning, and functions that are those of NumPy."""

import ctypes
import shutil
import subprocess

import numpy as np
import pytest
from test_formulas import FORMULAS, _inputs, _loaded

import symformer as sf
import symformer.functions
from symformer.cli import main
from symformer.cli.names import SIGNATURES
from symformer.compile import signature_module
from symformer.compile.jobs import backward_job, forward_job
from symformer.compile.targets.c import built, c_library_module

COMPILERS = [name for name in ("gcc", "clang") if shutil.which(name)]
STRICT = ("-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only", "-x", "c")
FEW = ("adafactor", "clip_loss", "dpo", "hinge", "huber", "max_pooling", "sliding_window", "sparsemax", "t5_buckets",
       "top2_gate")  # fmt: skip
n, d = sf.sizes("n d")


@pytest.mark.parametrize("name", sorted(SIGNATURES))
def test_the_file_of_a_library_function_compiles_without_a_warning(name):
    text = signature_module(SIGNATURES[name], "c")
    for compiler in COMPILERS:
        done = subprocess.run([compiler, *STRICT, "-"], input=text, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[:2000]


@pytest.mark.parametrize("name", FEW)
def test_a_published_formula_is_that_of_its_reference(name):
    module = _loaded(name)
    function = sf.lambdify(module.PROGRAM, "f", target="c")
    for size in (2, 4):
        given = _inputs(module.PROGRAM, size)
        np.testing.assert_allclose(function(*given), np.asarray(module.reference(*given)), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", ["gru", "mamba_2"])
def test_a_loop_is_refused_by_name_and_no_file_is_written(name, tmp_path, capsys):
    assert name in FORMULAS
    file = tmp_path / "f.c"
    path = f"{_loaded(name).__file__}:PROGRAM"
    assert main(["export", path, "--to", "c", "-o", str(file)]) == 2
    told = capsys.readouterr().err
    assert "a loop over steps has no form in c" in told
    assert told.count("\n") == 1
    assert not file.exists()


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_rows_of_any_shape_dtype_and_value(dtype):
    x = sf.tensor("x", n)
    made = {
        name: sf.lambdify(op(x), name, target="c")
        for name, op in (("softmax", sf.softmax), ("logsumexp", sf.logsumexp))
    }
    random = np.random.default_rng(0)
    for shape in ((0,), (1,), (5,), (2, 0), (0, 3), (3, 2, 33), (1, 100)):
        values = random.normal(size=shape).astype(dtype)
        for function in made.values():
            wanted = getattr(symformer.functions, function.__name__)(values)
            found = function(values)
            assert (found.dtype, found.shape) == (wanted.dtype, wanted.shape)
            np.testing.assert_allclose(found, wanted, rtol={"float16": 2e-3, "float32": 2e-6, "float64": 1e-13}[dtype],
                                       atol=1e-6 if dtype != "float64" else 1e-15)  # fmt: skip
    odd = np.array([[-np.inf] * 3, [np.nan, 0, 1], [-np.inf, 0, 0], [np.inf, 0, 0], [1e4, -1e4, 0]], dtype)
    np.testing.assert_allclose(made["softmax"](odd[:, ::-1]), symformer.functions.softmax(odd[:, ::-1]), rtol=1e-3)


def test_exponentials_are_within_two_units_in_the_last_place():
    x = sf.tensor("x", n)
    i = sf.indices("i")
    function = sf.lambdify(sf.define("y", i, sf.exp(x[i])), target="c")
    for dtype, wide, ends in ((np.float32, np.float64, (-103, 88.7)), (np.float64, np.longdouble, (-744, 709.7))):
        values = np.linspace(*ends, 200_001).astype(dtype)
        wanted = np.exp(values.astype(wide))
        gap = np.abs(function(values) - wanted) / np.spacing(wanted.astype(dtype))
        assert gap.max() <= 2
    np.testing.assert_array_equal(function(np.array([-np.inf, -1e30, 1e30, np.inf])), [0, 0, np.inf, np.inf])
    assert np.isnan(function(np.array([np.nan]))[0])


def test_logarithms_of_what_is_near_one_are_within_two_units_in_the_last_place():
    x = sf.tensor("x", n)
    i = sf.indices("i")
    function = sf.lambdify(sf.define("y", i, sf.log1p(x[i])), target="c")
    values = np.concatenate([np.linspace(-0.999, 4, 50_001), np.geomspace(1e-30, 1e30, 50_001)])
    for dtype, wide in ((np.float32, np.float64), (np.float64, np.longdouble)):
        given = values.astype(dtype)
        wanted = np.log1p(given.astype(wide))
        assert (np.abs(function(given) - wanted) / np.spacing(np.abs(wanted).astype(dtype))).max() <= 2
    np.testing.assert_array_equal(function(np.array([-1, -2, np.inf, np.nan, 0])), [-np.inf, np.nan, np.inf, np.nan, 0])


def called(function, library, real, arrays):
    """A function of a C file, called: sizes from the shapes of the arrays, which are named, and outputs by shape."""
    call = getattr(library, f"{function.name}_{real}")
    given = [ctypes.c_ssize_t(arrays[size]) for size in function.sizes]
    for name, kind in function.inputs:
        value = arrays[name]
        match kind:
            case "number" | "maybe":
                number = ctypes.c_double(value or 0)
                given.append(number if kind == "number" else None if value is None else ctypes.byref(number))
            case "count":
                given.append(ctypes.c_ssize_t(value))
            case "flag":
                given.append(ctypes.c_int(value))
            case "word":
                given.append(ctypes.c_char_p(value.encode()))
            case _:
                given.append(None if value is None else ctypes.c_void_p(value.ctypes.data))
    results = [np.full(arrays[f"{name}:"], np.nan) for name in function.outputs]
    given += [ctypes.c_void_p(one.ctypes.data) for one in results]
    assert call(*given) == 0
    return results


@pytest.mark.parametrize("causal", [False, True])
def test_attention_and_its_gradients_are_those_of_numpy(causal):
    signature = SIGNATURES["attention"]
    text, (forward, backward) = c_library_module("attention", [forward_job(signature), backward_job(signature)])
    library = ctypes.CDLL(str(built(text)))
    random = np.random.default_rng(2)
    q, k, v, dO = (random.normal(size=shape) for shape in ((3, 2), (5, 2), (5, 4), (3, 4)))
    seen = random.random((3, 5)) < 0.6
    seen[1], k[4], v[4], seen[:, 4] = False, np.nan, np.inf, False
    mask = np.where(seen, random.normal(size=(3, 5)), -np.inf)
    sizes = {"n": 3, "m": 5, "d": 2, "e": 4}
    for visible, bias, cap in ((seen, None, None), (None, mask, 2.0), (seen, None, 3.0)):
        given = {"q": q, "k": k, "v": v, "dO": dO, "bias": bias, "scale": 0.5, "is_causal": causal, "offset": 1,
                 "visible": None if visible is None else visible.astype(np.uint8), "softcap": cap, "window": 2.0,
                 "O:": (3, 4), "dq:": (3, 2), "dk:": (5, 2), "dv:": (5, 4), "dbias:": (3, 5), **sizes}  # fmt: skip
        options = {"is_causal": causal, "offset": 1, "scale": 0.5, "softcap": cap, "window": 2}
        arrays = (q, k, v, seen if bias is None else bias)
        (found,) = called(forward, library, "double", given)
        np.testing.assert_allclose(found, symformer.functions.attention(*arrays, **options), rtol=1e-12, atol=1e-14)
        gradients = dict(zip(backward.outputs, called(backward, library, "double", given), strict=True))
        wanted = symformer.functions.attention_vjp(dO, *arrays, **options)
        for name, one in zip(("dq", "dk", "dv"), wanted, strict=False):
            np.testing.assert_allclose(gradients[name], one, rtol=1e-10, atol=1e-13)


def test_nothing_is_read_or_written_outside(tmp_path):
    text = (
        signature_module(SIGNATURES["layer_norm"], "c")
        + """
int main(void)
{
    float x[21], weight[7], bias[7], y[21], dx[21], dweight[7], dbias[7];
    for (int i = 0; i < 21; ++i) x[i] = (float)i;
    for (int i = 0; i < 7; ++i) weight[i] = bias[i] = 1;
    return layer_norm_float(7, 3, x, weight, bias, 1e-5, y) || layer_norm_float(7, 3, x, NULL, NULL, 1e-5, y)
        || layer_norm_vjp_float(7, 3, y, x, weight, bias, 1e-5, dx, dweight, dbias);
}
"""
    )
    source, program = tmp_path / "f.c", tmp_path / "f"
    source.write_text(text)
    sanitized = ["-std=c99", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    subprocess.run([COMPILERS[0], *sanitized, "-o", program, source, "-lm"], check=True)
    done = subprocess.run([program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[:2000]


def test_without_a_compiler_there_is_a_cure(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CC", raising=False)
    with pytest.raises(ImportError, match="install gcc or clang"):
        sf.lambdify(sf.softmax(sf.tensor("x", n)), target="c")
