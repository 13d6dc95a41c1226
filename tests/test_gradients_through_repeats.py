"""Gradients through repeats are proved from the gradients of one step; a loop that is another one is never proved."""

from dataclasses import replace

import pytest

import symformer as sf
from symformer.notation import Range, replace_tensors
from symformer.programs import Bound, Definition, Rebuild, Repeat, elements, reachable
from symformer.programs.tensor import DefinedTensor
from symformer.proof.judge import Judge

n, d = sf.sizes("n d")
t, i, j, k = sf.indices("t i j k")
h, c, x, y = (sf.tensor(name, d) for name in "hcxy")
W = sf.tensor("W", d, d)


def linear():
    """h_t = x_t h_{t−1} + y_t, with h_t out of every step."""
    new = sf.define("h_new", i, x[i] * h[i] + y[i])
    return sf.scan({h: new}, (t, n), {h: 0}, each=(x, y), out=new, name="H")


def tanh_cell():
    """h_t = tanh(W h_{t−1} + x_t), from a start that is given; the last state comes out."""
    score = sf.define("s", i, sf.sum(W[i, k] * h[k], k) + x[i])
    new = sf.define("h_new", i, sf.tanh(score[i]))
    return sf.scan({h: new}, (t, n), {h: sf.tensor("h_0", d)}, each=(x,), name="H")


def two_states():
    """A state that forgets and one that reads it, with the second out of every step and backwards in time."""
    c_new = sf.define("c_new", i, sf.sigmoid(x[i]) * c[i] + y[i])
    h_new = sf.define("h_new", i, h[i] * sf.tanh(c_new[i]))
    start = {c: 0, h: sf.tensor("h_0", d)}
    return sf.scan({c: c_new, h: h_new}, (t, n), start, each=(x, y), out=h_new, reverse=True, name="H")


def layers():
    """A layer that is repeated, with weights of its own and one matrix that all share."""
    new = sf.define("y", i, h[i] + sf.sum(W[i, k] * sf.relu(x[k] * h[k]), k))
    return sf.repeat(new, (t, n), {h: sf.tensor("h_0", d)}, each=(x,), name="H")


PROGRAMS = (linear, tanh_cell, two_states, layers)


def claims(program):
    """(derivation, side, other side) of every line that says what a loop that runs back gives, that side first."""
    derivation = sf.gradient(sf.program(program())).derivation
    for before, line in ((chain[0], chain[1]) for chain in derivation.chains):
        for one, other in ((before.formula, line.formula), (line.formula, before.formula)):
            if backward(one) and not backward(other):
                yield derivation, one, other


def backward(formula):
    found = reachable(*(one.tensor for one in elements(formula)))
    return [one for one in found if isinstance(one.origin, Repeat) and one.origin.loop.title.endswith("backward")]


def proof(derivation, left, right):
    """What is proved without a look at points."""
    ranges = {**left.ranges, **right.ranges}
    kept = {index: Range(found.size, "the line") for index, found in ranges.items()}
    return Judge().proof(left, right, kept, derivation.assumptions)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_gradients_through_a_repeat_are_proved(program):
    derivation = sf.gradient(sf.program(program())).derivation
    judged = derivation.check()
    assert [one.verdict.evidence for one in judged if one.verdict.kind != "proved"] == []
    assert any("reverse mode through" in one.verdict.evidence for one in judged)


def test_a_kink_in_a_step_is_a_condition_in_every_step():
    judged = sf.gradient(sf.program(layers())).derivation.check()
    conditions = [word for one in judged for word in one.verdict.data["conditions"]]
    assert any(word.endswith("in every step") for word in conditions)


def test_a_jacobian_is_a_letter_only_where_nothing_moves_it():
    """Under another derivative it would be a constant: 0 = ∂²H/∂y∂x would be proved beside a true line."""
    derivation, side, other = next(claims(linear))
    (forward,) = {one for one in reachable(*(e.tensor for e in elements(other))) if isinstance(one.origin, Repeat)}
    stacks = [actual for _, actual in forward.origin.loop.each]
    slope = sf.diff(forward[2, 1], stacks[1][1, 1])
    assert proof(derivation, side, other) is not None
    assert proof(derivation, side + sf.diff(slope, stacks[0][2, 1]), other) is None
    behind = sf.define("slope", (), slope)
    assert proof(derivation, side + sf.diff(behind[()], stacks[0][2, 1]), other) is None


def doubled(tensor):
    body = 2 * tensor[tensor.indices]
    return DefinedTensor(tensor.name, tensor.shape, tensor.domain, Definition(tensor.indices, body))


def doubled_step(loop, result):
    """Every cotangent that is carried is twice what it should be."""
    new = [doubled(pair.after) for pair in loop.carried]
    carried = tuple(pair._replace(after=after) for pair, after in zip(loop.carried, new, strict=True))
    old = [pair.after for pair in loop.carried]
    return replace(loop, carried=carried, unrolled={}), new[old.index(result)] if result in old else result


def doubled_result(loop, result):
    return loop, doubled(result)


def the_same_way(loop, result):
    return replace(loop, downwards=not loop.downwards, unrolled={}), result


def another_start(loop, result):
    ones = [sf.tensor("start", *pair.formal.shape) for pair in loop.carried]
    carried = tuple(pair._replace(start=one) for pair, one in zip(loop.carried, ones, strict=True))
    return replace(loop, carried=carried, unrolled={}), result


def another_input(loop, result):
    """What enters each step is read from another stack."""
    each = tuple(Bound(formal, replace(actual, name="other", origin=None)) for formal, actual in loop.each)
    return replace(loop, each=each, unrolled={}), result


def one_step_less(loop, result):
    return replace(loop, size=loop.size - 1, unrolled={}), result


def states_exchanged(loop, result):
    first, *rest = [pair.after for pair in loop.carried]
    turned = tuple(pair._replace(after=after) for pair, after in zip(loop.carried, [*rest, first], strict=True))
    return replace(loop, carried=turned, unrolled={}), result


WRONG = (doubled_step, doubled_result, the_same_way, another_start, another_input, one_step_less, states_exchanged)


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.__name__)
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_a_loop_that_is_no_gradient_is_not_proved_to_be_one(program, wrong):
    """Each with one fault, judged by the rule alone: no point is looked at."""

    tried = 0
    for derivation, side, other in claims(program):
        assert proof(derivation, side, other) is not None
        rule = {}
        for tensor in backward(side):
            loop, result = wrong(tensor.origin.loop, tensor.origin.result)
            rule[tensor.digest] = replace(tensor, origin=Repeat(loop, result, tensor.origin.last))
        false = replace_tensors(side, Rebuild(rule))
        if false != side:
            tried += 1
            assert proof(derivation, false, other) is None
    assert tried or (wrong is states_exchanged and program is not two_states)
