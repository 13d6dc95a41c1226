"""No answer depends on a letter: programs under other names compute the same bits, and are proved in the same steps."""

from functools import cache
from inspect import signature
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from renaming import draw, has_repeats, names_in, renamed, skeleton, values_for
from users_programs import PROGRAMS, Names

import symformer as sf
from symformer.ops import MODULES

BUILDERS = {build.__name__: build for build in PROGRAMS}
OPS = {op.name: op for module in MODULES for op in module.SIGNATURES if op.op is not None}
DRAWS = 300


@cache
def own_names(name):
    return frozenset(names_in(BUILDERS[name]))


def results(program):
    """What the compiled program and its gradients compute, and the structure of what was derived."""
    forward = computed(program)
    derived = sf.gradient(program)
    backward = computed(derived)
    lines = derived.derivation.lines
    shape = (skeleton([line.formula for line in lines]), [line.relation for line in lines])
    return forward, backward, shape, derived.derivation


def computed(program):
    """The results of the compiled program; sizes that no input has are given by name."""
    function = sf.lambdify(program, check=False)
    asked = [one for one in signature(function).parameters.values() if one.kind is one.KEYWORD_ONLY]
    found = function(*values_for(program), **{one.name: 4 for one in asked})
    return [np.asarray(one) for one in (found if isinstance(found, tuple) else (found,))]


@cache
def as_written(name):
    return results(sf.program(BUILDERS[name](Names())))


def same_bits(left, right):
    return len(left) == len(right) and all(
        one.shape == other.shape and one.tobytes() == other.tobytes() for one, other in zip(left, right, strict=True)
    )


@settings(max_examples=DRAWS, deadline=None, derandomize=False, print_blob=True)  # others each time; a failure is told
@given(name=st.sampled_from(sorted(BUILDERS)), seed=st.integers(0, 2**32))
def test_users_programs_compute_the_same_bits_under_any_names(name, seed):
    names = draw(Random(seed), own_names(name))
    program = sf.program(BUILDERS[name](Names(names)))
    forward, backward, shape, derivation = results(program)
    wanted = as_written(name)
    assert same_bits(forward, wanted[0]), names
    assert same_bits(backward, wanted[1]), names
    assert shape == wanted[2], names
    if seed % 16 == 0:
        kinds = [[judged.verdict.kind for judged in one.check()] for one in (derivation, wanted[3])]
        assert kinds[0] == kinds[1], names


@pytest.mark.parametrize("name", sorted(OPS))
def test_ops_compute_the_same_bits_under_any_names(name):
    op = OPS[name]
    specs = {
        key: spec.rstrip("?").split() for key, spec in op.shapes.items() if not spec.endswith("?") or key == "memory"
    }
    letters = {letter for spec in specs.values() for letter in spec if letter != "..." and not letter.isdigit()}

    def built(rule):
        shapes = {
            key: [int(one) if one.isdigit() else sf.sizes(rule.get(one, one)) for one in spec if one != "..."]
            for key, spec in specs.items()
        }
        inputs = {key: sf.tensor(rule.get(key, key), *shape) for key, shape in shapes.items()}
        return sf.program(op.op(inputs), inputs=tuple(inputs.values()))

    wanted = results(built({}))
    for seed in range(3):
        found = results(built(draw(Random(seed), {*letters, *specs})))
        assert same_bits(found[0], wanted[0])
        assert same_bits(found[1], wanted[1])
        assert found[2] == wanted[2]


PAGES = [entry.slug for entry in sf.contents()]


@pytest.mark.parametrize("slug", PAGES)
def test_pages_compute_the_same_bits_under_any_names(slug):
    try:
        program = sf.load(slug).program()
    except sf.CompileError:
        return  # a page of formulas without arrays
    if has_repeats(program):
        return  # renamed where it is built: `layers` and `every_layer` above
    wanted = computed(program)
    for seed in range(2):
        assert same_bits(computed(renamed(program, Random(seed))), wanted)
