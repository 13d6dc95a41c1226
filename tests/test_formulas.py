"""Published formulas, a file each in `formulas/`: printed, run, differentiated, judged, exported.

A file holds PROGRAM; `reference`, plain loops over its inputs in their order; PRINTED, its last definition as text;
STATEMENTS, each (left, right, verdicts that will do); where the stable form is finite at inputs × 10⁴, LARGE; and of a
recurrence RECURRENCE, equations of its step as text. Some are there as plain NumPy, too: `in_numpy`, of SHAPES.
"""

from importlib.util import module_from_spec, spec_from_file_location
from itertools import product
from pathlib import Path

import numpy as np
import pytest

import symformer as sf
from symformer.compile import export_program
from symformer.typeset import latex, mathml, text

FOLDER = Path(__file__).parent / "formulas"
FORMULAS = sorted(path.stem for path in FOLDER.glob("*.py"))


def _loaded(name):
    spec = spec_from_file_location(f"_formula_{name}", FOLDER / f"{name}.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _drawn(tensor, sizes, random, scale):
    """Numbers of a tensor's domain; integers count from 0, as a function takes them."""
    shape = tuple(int(size.subs(sizes)) for size in tensor.shape)
    match tensor.domain.kind:
        case "mask":
            return random.integers(0, 2, size=shape).astype(bool)
        case "integer":
            return random.integers(0, int(tensor.domain.upper.subs(sizes)), size=shape)
        case "positive":
            found = random.uniform(0.5, 2, size=shape)
        case "unit":
            found = random.uniform(0.1, 0.9, size=shape)
        case "simplex":
            return random.dirichlet(np.ones(shape[-1]), size=shape[:-1])
        case _:
            found = random.normal(size=shape) * (scale if shape else 1)
    return found if shape else float(found)


def _inputs(program, size, scale=1):
    random = np.random.default_rng(size)
    names = {symbol for tensor in program.inputs for axis in tensor.shape for symbol in axis.free_symbols}
    sizes = {symbol: size + place for place, symbol in enumerate(sorted(names, key=str))}
    return [_drawn(tensor, sizes, random, scale) for tensor in program.inputs]


def _moves(value):
    return np.asarray(value).dtype.kind == "f"


@pytest.mark.parametrize("name", FORMULAS)
def test_a_formula_is_printed(name):
    module = _loaded(name)
    for statement in module.PROGRAM.statements:
        assert latex(statement.equation())
        assert mathml(statement.equation())
    assert text(module.PROGRAM.outputs[-1].equation()) == module.PRINTED
    for equation in getattr(module, "RECURRENCE", ()):
        assert equation in str(module.PROGRAM).splitlines()


@pytest.mark.parametrize("name", FORMULAS)
def test_a_formula_runs_and_has_its_gradient(name):
    module = _loaded(name)
    source, _ = export_program("f", module.PROGRAM)
    space = {}
    exec(source, space)
    for size in (1, 2, 4) if hasattr(module, "RECURRENCE") else (2, 4):  # one step, too
        given = _inputs(module.PROGRAM, size)
        right = np.asarray(module.reference(*given))
        np.testing.assert_allclose(space["f"](*given), right, rtol=1e-9, atol=1e-12)
        cotangent = np.random.default_rng(7).normal(size=right.shape) if right.shape else 1.0
        found = space["f_vjp"](cotangent, *given)
        for place, one in enumerate(given):
            if _moves(one) and found[place] is not None:
                slopes = _differences(module.reference, given, place, cotangent)
                np.testing.assert_allclose(found[place], slopes, rtol=2e-5, atol=2e-6, err_msg=str(place))


def _differences(function, given, place, cotangent):
    one = np.asarray(given[place], float)
    slopes = np.zeros_like(one)
    for at in product(*map(range, one.shape)):
        step = np.zeros_like(one)
        step[at] = 1e-6
        ends = ([*given[:place], one + side * step, *given[place + 1 :]] for side in (1, -1))
        up, down = (np.asarray(function(*end)) for end in ends)
        slopes[at] = np.sum((up - down) / 2e-6 * cotangent)
    return slopes


IN_NUMPY = [name for name in FORMULAS if hasattr(_loaded(name), "in_numpy")]


@pytest.mark.parametrize("name", IN_NUMPY)
def test_a_formula_in_numpy_is_that_formula(name):
    """The program of the door: printed, its values, those of large inputs and of a batch, its gradient, verdicts."""
    module = _loaded(name)
    found = sf.from_function(module.in_numpy, **module.SHAPES)
    assert [latex(statement.equation()) and mathml(statement.equation()) for statement in found.statements]
    given = _inputs(module.PROGRAM, 3)
    function = sf.lambdify(found, check=False)
    np.testing.assert_allclose(function(*given), module.reference(*given), rtol=1e-9, atol=1e-12)
    assert np.isfinite(function(*_inputs(module.PROGRAM, 3, 1e4))).all()
    batch = [np.stack([one, one]) if np.ndim(one) else one for one in given]
    np.testing.assert_allclose(function(*batch), [module.reference(*given)] * 2, rtol=1e-9, atol=1e-12)
    gradient = sf.gradient(found)
    wanted = sf.lambdify(sf.gradient(module.PROGRAM), check=False)
    cotangent = [np.random.default_rng(7).normal(size=output.shape) for output in [function(*given)] if np.ndim(output)]
    for one, other in zip(
        _listed(sf.lambdify(gradient, check=False)(*cotangent, *given)),
        _listed(wanted(*cotangent, *given)),
        strict=True,
    ):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)
    assert all(judged.passes for judged in (*gradient.derivation.check(), *gradient.forms))


def _listed(found):
    return found if isinstance(found, tuple) else (found,)


@pytest.mark.parametrize("name", FORMULAS)
def test_a_formula_has_a_batch_axis(name):
    module = _loaded(name)
    if not any(tensor.shape for tensor in module.PROGRAM.inputs):
        return
    function = sf.lambdify(module.PROGRAM, check=False)
    single = [_inputs(module.PROGRAM, 3), _inputs(module.PROGRAM, 3, 2)]
    batch = [np.stack(pair) if np.ndim(pair[0]) else pair[0] for pair in zip(*single, strict=True)]
    rows = [[one[row] if np.ndim(one) else one for one in batch] for row in range(2)]
    np.testing.assert_allclose(function(*batch), [module.reference(*row) for row in rows], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", FORMULAS)
def test_a_formula_is_finite_at_large_inputs(name):
    module = _loaded(name)
    if getattr(module, "LARGE", False):
        found = sf.lambdify(module.PROGRAM, check=False)(*_inputs(module.PROGRAM, 3, 1e4))
        assert np.isfinite(found).all()


@pytest.mark.parametrize("name", FORMULAS)
def test_what_is_said_of_a_formula_is_judged(name):
    for left, right, verdicts in _loaded(name).STATEMENTS:
        assert sf.judge(left, "=", right).kind in verdicts.split(), f"{left} = {right}"
