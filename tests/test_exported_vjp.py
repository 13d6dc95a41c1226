"""What `export` writes: `f_vjp(cotangent, *inputs)` gives a tuple, one gradient for each input in order."""

import subprocess
import sys

import numpy as np
import pytest
from users_programs import PROGRAMS, Names, lora

import symformer as sf
from symformer.compile import export_program

RNG = np.random.default_rng(3)


def exported(program, name="f", wrt=None):
    """The two functions of the module that is written."""
    text, looked = export_program(name, program, wrt)
    space = {}
    exec(compile(text, "exported", "exec"), space)
    return space[name], space[f"{name}_vjp"], looked


def by_differences(function, cotangent, inputs, place, small=1e-6):
    out = np.zeros(np.shape(inputs[place]))
    for index in np.ndindex(out.shape):
        ends = []
        for sign in (1, -1):
            moved = [np.array(one, dtype=float) if k == place else one for k, one in enumerate(inputs)]
            moved[place][index] += sign * small
            found = function(*moved)
            parts = found if isinstance(found, tuple) else (found,)
            seeds = cotangent if isinstance(cotangent, tuple) else (cotangent,)
            ends.append(sum(np.sum(seed * part) for seed, part in zip(seeds, parts, strict=True)))
        out[index] = (ends[0] - ends[1]) / (2 * small)
    return out


i, c = sf.indices("i c")
n, d = sf.sizes("n d")
X, T = sf.tensor("X", n, d), sf.tensor("t", n, kind="integer", upper=d)
SCALE, GAMMA = sf.scalar("s"), sf.scalar("gamma", kind="positive")


def test_a_scalar_output_takes_its_cotangent_first():
    _, vjp, _ = exported(sf.program(sf.define("L", (), sf.sum(X[i, c] ** 2, i, c))))
    x = RNG.normal(size=(2, 3))
    (found,) = vjp(3.0, x)
    assert np.allclose(found, 6 * x)


def test_learned_scalars_have_gradients_in_their_place():
    f, vjp, _ = exported(sf.program(sf.define("y", (i, c), SCALE * sf.tanh(X[i, c]) + sf.exp(X[i, c]) ** GAMMA)))
    inputs = (0.7, RNG.normal(size=(2, 3)), 1.3)
    cotangent = RNG.normal(size=(2, 3))
    found = vjp(cotangent, *inputs)
    assert isinstance(found, tuple)
    assert len(found) == 3
    for place, gradient in enumerate(found):
        assert np.shape(gradient) == np.shape(inputs[place])
        assert np.allclose(gradient, by_differences(f, cotangent, inputs, place), atol=1e-6)


def test_several_outputs_take_a_tuple_of_cotangents():
    a = sf.define("a", (i,), sf.sum(X[i, c] ** 2, c))
    b = sf.define("b", (), sf.sum(SCALE * X[i, c], i, c))
    f, vjp, _ = exported(sf.program(a, b))
    inputs = (RNG.normal(size=(2, 3)), 0.4)
    cotangent = (RNG.normal(size=2), 1.7)
    for place, gradient in enumerate(vjp(cotangent, *inputs)):
        assert np.allclose(gradient, by_differences(f, cotangent, inputs, place), atol=1e-6)


def test_what_has_no_gradient_or_was_left_out_is_none():
    program = sf.program(sf.define("y", (i,), SCALE * X[i, T[i]]))
    _, vjp, _ = exported(program)
    found = dict(
        zip((one.name for one in program.inputs), vjp(np.ones(2), 2.0, RNG.normal(size=(2, 3)), [0, 2]), strict=True)
    )
    assert found["t"] is None
    assert found["s"] is not None
    assert found["X"] is not None
    _, vjp, _ = exported(program, wrt=["X"])
    assert [one is None for one in vjp(np.ones(2), 2.0, RNG.normal(size=(2, 3)), [0, 2])] == [True, False, True]


def test_an_input_may_be_called_cotangent():
    y = sf.tensor("cotangent", n)
    _, vjp, _ = exported(sf.program(sf.define("dy", (i,), y[i] ** 2)))
    assert np.allclose(vjp(np.ones(2), np.array([1.0, 2.0]))[0], [2, 4])


@pytest.mark.parametrize("build", PROGRAMS, ids=lambda build: build.__name__)
def test_users_programs_are_exported_and_looked_at(build):
    _, _, looked = exported(sf.program(build(Names())))
    assert "entries agree" in looked
    assert "gradients agree with differences" in looked


def test_the_shell_exports_some_gradients(tmp_path):
    (tmp_path / "mine.py").write_text(
        "import symformer as sf\n(n, d), (i, c) = sf.sizes('n d'), sf.indices('i c')\n"
        "Q, W = sf.tensor('Q', n, d), sf.tensor('W', d)\ny = sf.define('y', (i,), sf.sum(Q[i, c] * W[c], c))\n"
    )
    call = [
        sys.executable,
        "-m",
        "symformer",
        "export",
        f"{tmp_path}/mine.py:y",
        "--wrt",
        "W",
        "-o",
        f"{tmp_path}/out.py",
    ]
    done = subprocess.run(call, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "entries agree" in done.stderr
    space = {}
    exec((tmp_path / "out.py").read_text(), space)
    first, second = space["y_vjp"](np.ones(2), np.ones((2, 3)), np.ones(3))
    assert first is None
    assert np.allclose(second, 2)
    wrong = subprocess.run([*call[:5], "--wrt", "V"], capture_output=True, text=True)
    assert wrong.returncode == 2
    assert "inputs are Q, W" in wrong.stderr


def test_lora_over_a_size_called_r_is_checked():
    f, _, _ = exported(sf.program(lora(Names())))
    with pytest.raises(ValueError, match="expected shape"):
        f(np.ones((4, 3)), np.ones((4, 2)), np.ones((3, 3)), np.ones((5, 3)))
