"""`symformer.native`: the functions of `symformer.functions` with their loops in C, which are compiled on first use."""

import inspect
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from function_cases import CASES, case

import symformer.functions as plain
from runtimes.test_targets import assert_same
from symformer import native
from symformer.compile.native import native_modules
from symformer.system import building

FOLDER = Path(native.__file__).resolve().parent
COMPILED = [name for name in native.__all__ if getattr(native, name) is not getattr(plain, name)]
KERNELS = sorted(FOLDER.glob("kernels/*.c"))
COMPILERS = [name for name in ("gcc", "clang") if shutil.which(name)]
EDGES = np.array([[-np.inf] * 3, [np.nan, 0, 1], [-np.inf, 0, 0], [1e4, -1e4, 0], [0, -0.0, 88], [-104, 3e38, -3e38]])


def test_the_files_are_those_that_would_be_written_now():
    fresh = native_modules()
    assert {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.*") if path.suffix in (".py", ".c")} == {
        *fresh,
        "calls.py",
    }
    for name, text in fresh.items():
        assert (FOLDER / name).read_text(encoding="utf-8") == text, f"{name}: run python -m symformer.compile"


def test_names_and_signatures_are_those_of_the_plain_functions():
    assert native.__all__ == plain.__all__
    assert {"softmax", "gelu_vjp", "layer_norm", "cross_entropy", "adamw_step"} <= set(COMPILED)
    for name in COMPILED:
        assert inspect.signature(getattr(native, name)) == inspect.signature(getattr(plain, name))
        assert getattr(native, name).__doc__ == getattr(plain, name).__doc__


@pytest.mark.parametrize("name", [name for name in COMPILED if name in CASES])
def test_results_and_gradients_are_those_of_numpy(name):
    for seed in range(9):
        arrays, options, _ = case(name, seed, ("float16", "float32", "float64")[seed % 3])
        wanted = getattr(plain, name)(*arrays, **options)
        assert_same(getattr(native, name)(*arrays, **options), wanted)
        cotangent = np.cos(np.arange(np.size(wanted), dtype=float)).reshape(np.shape(wanted)).astype(wanted.dtype)[()]
        gradients = (getattr(one, f"{name}_vjp")(cotangent, *arrays, **options) for one in (native, plain))
        for found, other in zip(*gradients, strict=True):
            assert_same(found, other)


@pytest.mark.parametrize("name", [name for name in COMPILED if name in ("adam_step", "adamw_step", "sgd_step")])
def test_steps_of_optimizers_are_those_of_numpy(name):
    random = np.random.default_rng(0)
    for dtype in ("float32", "float64"):
        arrays = [random.random((3, 4)).astype(dtype) for _ in range(4)]
        given = (arrays[:2], (*arrays, 3))[name != "sgd_step"]
        for one, other in zip(getattr(native, name)(*given, lr=0.1), getattr(plain, name)(*given, lr=0.1), strict=True):
            assert_same(one, np.asarray(other))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_what_is_infinite_hidden_or_no_number(dtype):
    with np.errstate(all="ignore"):
        x = EDGES.astype(dtype)
    dy = np.cos(np.arange(x.size)).reshape(x.shape).astype(dtype)
    for name in ("softmax", "log_softmax", "gelu", "silu", "sigmoid", "tanh", "relu", "softplus"):
        assert_same(getattr(native, name)(x), getattr(plain, name)(x))
        assert_same(getattr(native, f"{name}_vjp")(dy, x)[0], getattr(plain, f"{name}_vjp")(dy, x)[0])


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (1, 1), (2, 0, 4), (4, 5), (2, 3, 33)])
def test_empty_odd_and_strided_arrays(shape):
    x = np.random.default_rng(1).normal(size=(*shape[:-1], 2 * shape[-1]))[..., ::2]
    for given in (x, np.asfortranarray(x)):
        for name in ("softmax", "layer_norm", "gelu", "logsumexp"):
            assert_same(getattr(native, name)(given), getattr(plain, name)(given))
    axis = len(shape) - 2
    assert_same(native.softmax(x, axis=axis), plain.softmax(x, axis=axis))


@pytest.mark.parametrize("name", ["softmax", "sigmoid", "silu", "gelu"])
def test_errors_are_a_few_units_in_the_last_place(name):
    x = np.linspace(-9, 9, 60_000).astype(np.float32).reshape(-1, 30)
    wanted = getattr(plain, name)(x.astype(np.float64))
    gap = np.abs(getattr(native, name)(x) - wanted) / np.spacing(np.abs(wanted).astype(np.float32))
    assert gap.max() <= {"gelu": 6, "silu": 3}.get(name, 2)


def test_wrong_arguments_are_named_as_they_are_by_numpy():
    with pytest.raises(ValueError, match=r"layer_norm: weight: expected shape"):
        native.layer_norm(np.ones((2, 3)), np.ones(4))
    with pytest.raises(ValueError, match="approximate"):
        native.gelu(np.ones(3), approximate="fast")


def test_rows_are_shared_by_threads(monkeypatch):
    x = np.random.default_rng(2).normal(size=(1024, 257)).astype(np.float32)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    alone = native.softmax(x), native.layer_norm_vjp(x, x, x[0])[1]
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    together = native.softmax(x), native.layer_norm_vjp(x, x, x[0])[1]
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one, other)


def run(code, **environment):
    """A fresh process."""
    given = {**os.environ, **environment}
    return subprocess.run([sys.executable, "-c", code], env=given, capture_output=True, text=True, check=False)


def test_importing_it_loads_no_sympy_and_compiles_nothing(tmp_path):
    done = run("import sys, symformer.native; print('sympy' in sys.modules)", SYMFORMER_CACHE=str(tmp_path))
    assert done.stdout.strip() == "False"
    assert not list(tmp_path.iterdir())


def test_threads_may_call_at_once(tmp_path):
    code = """
import threading, numpy as np
from symformer.native import softmax
found = []
threads = [threading.Thread(target=lambda: found.append(softmax(np.ones((2, 4))))) for _ in range(6)]
[one.start() for one in threads]; [one.join() for one in threads]
print(len(found), all((one == 0.25).all() for one in found))
"""
    done = run(code, SYMFORMER_CACHE=str(tmp_path))
    assert done.stdout.strip() == "6 True", done.stderr
    assert len(list(tmp_path.glob("native/*.so"))) == 1
    assert threading.active_count() >= 1


def test_without_a_compiler_there_is_a_cure(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setattr(building, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"install gcc or clang .* or ziglang .*symformer\.functions"):
        building.compiler()


def test_a_compiler_that_fails_is_named_with_its_first_error(monkeypatch, tmp_path):
    broken = tmp_path / "cc"
    broken.write_text("#!/bin/sh\necho 'f.c: warning: x' >&2\necho 'f.c:1: error: no such thing' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("CC", str(broken))
    monkeypatch.setenv("SYMFORMER_CACHE", str(tmp_path / "cache"))
    with pytest.raises(ImportError, match=rf"^{broken} -std=c99 .*: f\.c:1: error: no such thing$"):
        building.built("int x;")
    assert not list((tmp_path / "cache" / "native").iterdir())


def test_a_library_of_others_is_not_loaded(monkeypatch, tmp_path):
    monkeypatch.setenv("SYMFORMER_CACHE", str(tmp_path))
    library = building.built("int one(void) { return 1; }")
    whole = library.read_bytes()
    for spoil in (lambda: library.chmod(0o666), lambda: (library.unlink(), library.symlink_to("/bin/sh"))):
        spoil()
        assert building.built("int one(void) { return 1; }") == library
        assert not library.is_symlink()
        assert library.stat().st_mode & 0o022 == 0
    assert len(whole) > 0
    (tmp_path / "native").chmod(0o777)
    with pytest.raises(ImportError, match="others may write to it"):
        building.built("int one(void) { return 1; }")


def test_zig_is_asked_where_there_is_no_other_compiler(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setattr(building, "find_spec", lambda name: object() if name == "ziglang" else None)
    assert building.compiler() == (sys.executable, "-m", "ziglang", "cc")


@pytest.mark.parametrize("path", KERNELS, ids=lambda path: path.stem)
def test_kernels_compile_without_a_warning(path):
    strict = ["-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only"]
    for compiler in COMPILERS:
        done = subprocess.run([compiler, *strict, str(path)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[:2000]


def test_kernels_read_and_write_nothing_outside(tmp_path):
    """Those of rows, under the sanitizers of addresses and undefined behaviour, in a process that loads these first."""
    code = """
import numpy as np
from function_cases import case
import symformer.native as native
for name in ("softmax", "layer_norm", "cross_entropy", "gelu"):
    for seed in range(4):
        arrays, options, cotangent = case(name, seed, ("float32", "float64")[seed % 2])
        wanted = getattr(native, name)(*arrays, **options)
        getattr(native, name + "_vjp")(np.ones_like(wanted)[()], *arrays, **options)
print("clean")
"""
    wrapper = tmp_path / "cc"
    wrapper.write_text(f'#!/bin/sh\nexec {COMPILERS[0]} -fsanitize=address,undefined -fno-sanitize-recover=all "$@"\n')
    wrapper.chmod(0o755)
    found = [subprocess.run([COMPILERS[0], f"-print-file-name={one}"], capture_output=True, text=True, check=True)
             for one in ("libasan.so", "libubsan.so")]  # fmt: skip
    preload = " ".join(one.stdout.strip() for one in found)
    tests = str(Path(__file__).resolve().parent.parent)
    paths = os.pathsep.join([tests, str(FOLDER.parent.parent)])
    done = run(code, CC=str(wrapper), SYMFORMER_CACHE=str(tmp_path), LD_PRELOAD=preload, PYTHONPATH=paths,
               ASAN_OPTIONS="detect_leaks=0", OMP_NUM_THREADS="1")  # fmt: skip
    assert done.stdout.strip() == "clean", done.stderr[-2000:]
