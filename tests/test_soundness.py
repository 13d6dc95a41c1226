"""The normal form by itself on random pairs: it may give up, it may not be wrong."""

from __future__ import annotations

from collections import Counter

import mpmath
import plain_normal_form
import pytest
from plain_numbers import Undefined, number
from plain_points import points
from random_expressions import random_expression
from random_pairs import random_pairs

from symformer.calculus import NoDerivative
from symformer.notation import ArgMax, Func, Logic, Prod, Where, walk
from symformer.proof.normal.binding import Binding
from symformer.proof.normal.form import Form
from symformer.proof.normal.indices import GiveUp
from symformer.proof.normal.powers import Powers

PAIRS = 500


@pytest.fixture(scope="module")
def pairs():
    return list(random_pairs(PAIRS))


def false_proofs(pairs):
    """The pairs that are proved although the plain evaluator sees a difference."""
    return [(str(pair), found) for pair in pairs if pair.proof() is not None and (found := pair.compare((0, 1, 2))[1])]


def test_nothing_unequal_is_proved(pairs):
    assert false_proofs(pairs) == []


def test_most_true_rewrites_are_proved_and_hardly_any_other(pairs):
    """Of cases, places and products over an index the normal form knows little; of all else, most."""
    hard = (Prod, ArgMax, Where, Logic)
    plain = [pair for pair in pairs if not any(isinstance(part, hard) or _is_word(part) for part in walk(pair.left))]
    kinds = Counter((pair.equal, pair.proof() is not None) for pair in plain)
    assert len(plain) > PAIRS / 3
    assert kinds[True, True] > 0.75 * (kinds[True, True] + kinds[True, False])
    assert kinds[False, True] < 0.25 * PAIRS / 2


def _is_word(part):
    """Whether it is a function of the table that is not smooth, such as |x| or max(x, y)."""
    return isinstance(part, Func) and not part.primitive.smooth and part.name != "relu"


def test_pairs_are_of_every_kind(pairs):
    steps = {name for pair in pairs for name in pair.steps}
    assert len(steps) >= 40


def forms(seeds):
    """(expression, ranges, normal form) of random expressions that have one."""
    for seed in seeds:
        found = random_expression(seed)
        if found is None:
            continue
        node, ranges, _ = found
        try:
            yield node, ranges, Form({str(index): size for index, size in ranges.items()}).of(node)
        except (GiveUp, NoDerivative):
            continue


def test_a_normal_form_has_the_value_of_its_expression():
    seen = 0
    with mpmath.workdps(150):
        for node, ranges, poly in forms(range(400)):
            for world, env in points((node,), ranges, (0, 1, 3), places=2):
                try:
                    want = number(world.value(node, env))
                    found = plain_normal_form.value(poly, world, {str(index): at for index, at in env.items()})
                except Undefined:
                    continue
                seen += 1
                assert abs(found - want) < mpmath.mpf(10) ** -35 * (1 + abs(want)), f"{node} at {world.sizes} {env}"
    assert seen > 500


def unsound_root(self, atom):
    """As if everything were positive: √(x²) = x."""
    return True


def unsound_collapse(self, rest, index, other, size):
    """As if all indices ran over one range."""
    return self.renamed_term(rest, {index: other})


@pytest.mark.parametrize(
    ("place", "name", "broken"),
    [(Powers, "positive_atom", unsound_root), (Binding, "_collapsed", unsound_collapse)],
    ids=["roots", "deltas"],
)
def test_an_unsound_rule_is_found(monkeypatch, place, name, broken):
    monkeypatch.setattr(place, name, broken)
    assert false_proofs(random_pairs(400))
