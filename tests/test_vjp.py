"""`symformer vjp` and `symformer export` for a user's own program: the README's walk-through, walked."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from differences import differences

from symformer.cli import main

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
WALK = README[README.index("## You write a kernel") :]
FILE = re.search(r"```py\n(.*?)```", WALK, flags=re.DOTALL).group(1)
SHOWN = re.search(r"```text\n(.*?)```", WALK, flags=re.DOTALL).group(1)


@pytest.fixture
def my_attention(tmp_path):
    path = tmp_path / "my_attention.py"
    path.write_text(FILE, encoding="utf-8")
    return path


def loaded(path):
    """An exported module."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(*arguments):
    """A command line in a process of its own."""
    command = [sys.executable, "-m", "symformer", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_walk_prints_what_the_readme_shows(my_attention):
    done = run("vjp", f"{my_attention}:gated_attention", "--wrt", "Q,B,G")
    assert done.returncode == 0, done.stderr
    assert SHOWN.strip() in done.stdout
    assert "refuted" not in done.stdout
    assert "open" not in done.stdout


@pytest.mark.parametrize("form", ["latex", "markdown", "html"])
def test_every_format_is_written(my_attention, form, tmp_path, capsys):
    out = tmp_path / "page"
    assert main(["vjp", f"{my_attention}:gated_attention", "--wrt", "G", "--format", form, "-o", str(out)]) == 0
    assert "dG" in out.read_text(encoding="utf-8").replace("\\", "").replace("<mi>", "").replace("</mi>", "")
    assert not capsys.readouterr().out


def test_the_exported_gradient_agrees_with_finite_differences(my_attention, tmp_path):
    out = tmp_path / "gated.py"
    assert main(["export", f"{my_attention}:gated_attention", "-o", str(out)]) == 0
    assert "symformer" not in re.sub(r'""".*?"""', "", out.read_text(encoding="utf-8"), flags=re.DOTALL)
    module = loaded(out)
    random = np.random.default_rng(0)
    n, d, e = 4, 3, 2
    shapes = {"Q": (2, n, d), "K": (n, d), "B": (2 * n - 1,), "V": (2, n, e), "G": (1, n, e)}
    values = [random.normal(size=shape) for shape in shapes.values()]
    cotangent = random.normal(size=(2, n, e))
    for place, gradient in enumerate(module.gated_attention_vjp(cotangent, *values)):
        near = differences(module.gated_attention, values, place, cotangent)
        assert gradient == pytest.approx(near, rel=1e-6, abs=1e-8)


DEEP = """
import symformer as sf

n, d, L = sf.sizes("n d L")
i, c, f, ell = sf.indices("i c f ell")
X, X_0 = sf.tensor("X", n, d), sf.tensor("X_0", n, d)
W, b = sf.tensor("W", d, d), sf.tensor("b", d)
Y = sf.define("Y", (i, f), X[i, f] + sf.tanh(sf.sum(X[i, c] * W[c, f], c) + b[f]))
deep = sf.repeat(Y, (ell, L), {X: X_0}, (W,), name="X_L")
"""


def test_a_repeat_of_your_own_is_derived_and_exported_as_a_loop_each_way(tmp_path, capsys):
    path, out = tmp_path / "my_layers.py", tmp_path / "deep.py"
    path.write_text(DEEP, encoding="utf-8")
    assert main(["vjp", f"{path}:deep"]) == 0
    shown = capsys.readouterr().out
    assert "W enters through X_L = Repeat_[ℓ=1…L] Layer(X ← X_0;W_ℓ;b)" in shown
    assert "W enters through Y" in shown
    assert main(["export", f"{path}:deep", "-o", str(out)]) == 0
    random, module = np.random.default_rng(0), loaded(out)
    values = [random.normal(size=shape) for shape in ((4, 3), (5, 3, 3), (3,))]
    cotangent = random.normal(size=(4, 3))
    for place, gradient in enumerate(module.deep_vjp(cotangent, *values)):
        near = differences(module.deep, values, place, cotangent)
        assert gradient == pytest.approx(near, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("{file}:gated_attention", "--wrt", "Q,W"), "there is no W to differentiate by; the inputs are Q, K, B, V, G"),
        (
            ("{file}:nothing",),
            "no program and no computed tensor is called nothing; there are S, P, O, gated_attention",
        ),
        (("{file}",), "expected FILE.py:NAME"),
        (("missing.py:x",), "missing.py: no such file"),
    ],
)
def test_bad_input_is_one_line_that_names_it(my_attention, arguments, message, capsys):
    assert main(["vjp", *(part.format(file=my_attention) for part in arguments)]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
