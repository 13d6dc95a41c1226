"""The normal form and the verdict do not depend on the order of terms and factors, on names, or on Python's hashes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from random_expressions import random_expression
from random_pairs import random_pairs

import symformer as sf
from symformer.calculus import NoDerivative
from symformer.notation import Add, Binder, Mul, substitute
from symformer.proof.normal import prove
from symformer.proof.normal.atoms import poly_key
from symformer.proof.normal.form import Form
from symformer.proof.normal.indices import GiveUp

TESTS = Path(__file__).resolve().parent
EXPRESSIONS = [found[:2] for seed in range(400) if (found := random_expression(seed, depth=4)) is not None]


def shuffled(node, random):
    """Terms and factors in another order, everywhere."""
    kids = [shuffled(kid, random) for kid in node.kids]
    if isinstance(node, (Add, Mul)):
        random.shuffle(kids)
    return node.rebuild(tuple(kids)) if kids else node


def renamed(node, random):
    """Every bound index under another name, each one its own."""
    kids = tuple(renamed(kid, random) for kid in node.kids)
    if not isinstance(node, Binder):
        return node.rebuild(kids) if kids else node
    index = sf.indices(f"{random.choice('abcdefgh')}_{random.randrange(10**6)}")
    return type(node)((substitute(kids[0], {node.index: index}),), (index, node.size))


def form(node, ranges):
    """The key of the normal form, if there is one."""
    try:
        return poly_key(Form(named(ranges)).of(node))
    except (GiveUp, NoDerivative):
        return "none"  # which of two reasons comes first is a matter of order


def named(ranges):
    return {str(index): size for index, size in ranges.items()}


@pytest.mark.parametrize("change", [shuffled, renamed])
def test_the_normal_form_is_the_same(change):
    random = Random(0)
    for node, ranges in EXPRESSIONS:
        assert form(node, ranges) == form(change(node, random), ranges), node


def test_a_proof_does_not_depend_on_the_names_of_free_indices():
    for pair in random_pairs(200):
        letters = {index: sf.indices(f"z_{place}") for place, index in enumerate(reversed(list(pair.ranges)))}
        left, right = (substitute(side, letters) for side in (pair.left, pair.right))
        ranges = {letters[index]: size for index, size in pair.ranges.items()}
        again = prove(left, right, named(ranges))
        assert isinstance(again, str) == (pair.proof() is None), pair


def test_a_proof_does_not_depend_on_which_side_is_the_left_one():
    for pair in random_pairs(200):
        assert isinstance(prove(pair.right, pair.left, named(pair.ranges)), str) == (pair.proof() is None), pair


def test_the_verdict_does_not_depend_on_the_order():
    random = Random(0)
    for slug in ("softmax-jacobian", "layer-norm-geometry"):
        derivation = sf.load(slug)
        for before, line in zip(derivation.lines, derivation.lines[1:], strict=False):
            if line.relation == "=" and line.expected is None and before.expected is None:
                sides = [shuffled(renamed(one.formula, random), random) for one in (before, line)]
                want = derivation.judge.judge(before.formula, "=", line.formula, derivation.ranges(line))
                assert sf.judge(sides[0], "=", sides[1], derivation.ranges(line)).kind == want.kind, line.formula


SCRIPT = """
import symformer as sf
from test_confluence import EXPRESSIONS, form
for node, ranges in EXPRESSIONS[:150]:
    print(form(node, ranges))
for judged in sf.load("softmax-jacobian").check():
    print(judged.verdict)
"""


def test_nothing_depends_on_the_hashes_of_a_process():
    said = []
    for seed in ("1", "2"):
        paths = os.pathsep.join([str(TESTS), str(TESTS.parent), os.environ.get("PYTHONPATH", "")])
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": paths}
        command = [sys.executable, "-c", SCRIPT]
        said.append(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)
    assert said[0] == said[1]
    assert "proved" in said[0]
