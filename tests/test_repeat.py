"""Repeats: one layer written down, L layers meant."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from numpy_reference import layer_norm

import symformer as sf
from symformer.programs import Repeat
from symformer.typeset import mathml

n, d, L = sf.sizes("n d L")
i, c, f, ell = sf.indices("i c f ell")
X, X_0 = sf.tensor("X", n, d), sf.tensor("X_0", n, d)
W, b = sf.tensor("W", d, d), sf.tensor("b", d)
A = sf.layer_norm(X, eps=1, name="A")
Y = sf.define("Y", (i, f), X[i, f] + sf.sum(A[i, c] * W[c, f], c) + b[f])


def stack(layers=L, **more):
    """The layer above, repeated, with a W of its own for each layer and one b for all."""
    return sf.repeat(Y, (ell, layers), carry={X: X_0}, each=(W,), name="X_L", title="Block", **more)


def by_hand(x, weights, bias):
    """The same in NumPy, with the values before each layer."""
    before = []
    for weight in weights:
        before.append(x)
        x = x + layer_norm(x, eps=1) @ weight + bias
    return x, before


def at_numbers(tensor, **values):
    """The entries of a tensor where the inputs have these values, as floats."""
    sizes = {"n": values["X_0"].shape[0], "d": values["X_0"].shape[1], "L": values["W"].shape[0]}
    found = tensor.explicit(**sizes, **{name: value.tolist() for name, value in values.items()})
    return np.array([float(entry) for entry in sympy.flatten(found)]).reshape(
        [sizes[str(size)] for size in tensor.shape]
    )


@pytest.fixture
def numbers():
    random = np.random.default_rng(0)
    return {"X_0": random.normal(size=(2, 3)), "W": random.normal(size=(3, 3, 3)) / 2, "b": random.normal(size=3)}


def test_it_prints_as_one_box_whatever_the_number_of_layers():
    assert str(sf.program(stack())) == "X_L = Repeat_[ℓ=1…L] Block(X ← X_0;W_ℓ;b)"
    assert str(sf.program(stack(96))) == "X_L = Repeat_[ℓ=1…96] Block(X ← X_0;W_ℓ;b)"
    assert sympy.latex(stack()).startswith(r"X_{L} = \mathrm{Repeat}_{\ell = 1\dots L}")


def test_words_keep_their_spaces_in_every_notation():
    named = sf.every_layer(sf.repeat(Y, (ell, L), {X: X_0}, (W,), name="X_L", title="Block backward"), X, "H")
    assert r"\mathrm{Block\ backward}" in sympy.latex(named)
    assert r"\mathrm{\ with\ }" in sympy.latex(named)
    assert "<mi>Block\u00a0backward</mi>" in mathml(named.equation())


def test_its_inputs_are_the_start_the_stacks_and_what_all_layers_share():
    program = sf.program(stack())
    assert [(tensor.name, tensor.shape) for tensor in program.inputs] == [
        ("X_0", (n, d)), ("W", (L, d, d)), ("b", (d,)),
    ]  # fmt: skip
    assert [str(size) for size in program.sizes] == ["L", "d", "n"]
    tied = sf.program(sf.repeat(Y, (ell, L), carry={X: X_0}, name="X_L"))
    assert L in tied.sizes


def test_the_interpreter_applies_the_layer_once_after_the_other(numbers):
    last, before = by_hand(numbers["X_0"], numbers["W"], numbers["b"])
    assert at_numbers(stack(), **numbers) == pytest.approx(last, rel=1e-12)
    assert at_numbers(sf.every_layer(stack(), X, "H"), **numbers) == pytest.approx(np.array(before), rel=1e-12)


def test_it_unrolls_to_the_same_numbers_and_opens_its_calls(numbers):
    rolled = sf.program(stack())
    for program in (rolled.unroll({L: 2}), rolled.unroll({L: 2}).unfold(), rolled.unfold().unroll({L: 2})):
        assert not any(isinstance(statement.origin, Repeat) for statement in program)
        assert program.outputs[0].explicit(n=1, d=2) == stack().explicit(n=1, d=2, L=2)
    assert [tensor.name for tensor in rolled.unroll({L: 2})] == ["A_1", "W_1", "Y_1", "A_2", "W_2", "X_L"]
    every = sf.program(sf.every_layer(stack(), A, "N")).unroll({L: 2}).outputs[0]
    assert every.explicit(n=1, d=2) == sf.every_layer(stack(), A, "N").explicit(n=1, d=2, L=2)


def test_a_layer_is_opened_on_request():
    assert str(stack().origin.opened(3)) == "Y_if = X_if + Σ_c A_ic W_[3;cf] + b_f"


def test_its_digest_is_its_content():
    assert stack() == stack()
    assert stack() != stack(96)
    assert stack() != sf.repeat(A, (ell, L), carry={X: X_0}, name="X_L", title="Block")


def test_a_deep_stack_of_separate_layers_needs_no_recursion():
    value = X_0
    for layer in range(1, 1500):
        value = sf.tensor(f"X_{layer}", n, d) if layer % 300 == 0 else value
        value = sf.define(f"Y_{layer}", (i, f), value[i, f] + b[f])
    assert len(sf.program(value).statements) == 300


def test_the_judge_sees_through_it():
    one = sf.repeat(Y, (ell, 1), carry={X: X_0}, name="X_1")
    unrolled = sf.program(one).unroll().outputs[0]
    assert sf.judge(one[i, f], "=", unrolled[i, f]).kind in ("exact", "checked")
    assert sf.judge(one[i, f], "=", unrolled[i, f] + b[f]).kind == "refuted"
    assert sf.judge(sf.sum(stack()[i, f], i), "=", sf.sum(stack()[c, f], c)).kind == "proved"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: sf.repeat(Y, (ell, L), carry={}, name="R"), "expected one tensor that is carried, got 0"),
        (lambda: sf.repeat(Y, (ell, L), carry={X: b}, name="R"), "X is (n, d), its start is (d,)"),
        (lambda: sf.repeat(Y, (ell, L), {X: X_0}, {W: W}, name="R"), "W needs (L, d, d), W is (d, d)"),
        (lambda: sf.repeat(Y, (ell, L), {X: X_0}, (X_0,), name="R"), "X_0 is no input of the layer"),
        (lambda: sf.every_layer(Y, X, "H"), "Y is no repeat"),
        (lambda: stack().expr, "Block is repeated L times: unroll it at a number of layers"),
        (lambda: sf.program(stack()).unroll(), "the number of layers L is a letter"),
    ],
)
def test_what_does_not_fit_is_refused(make, message):
    with pytest.raises(sf.NotationError) as caught:
        make()
    assert message in str(caught.value)


# On paper. ------------------------------------------------------------------------------------------------------------


def test_a_listing_says_each_layer_once_however_many_there_are():
    whole = sf.program(stack())
    assert whole.latex() == "\n".join(
        [
            r"{\allowdisplaybreaks",
            r"\begin{align*}",
            r"X_{L} &= \mathrm{Repeat}_{\ell = 1\dots L}\, \mathrm{Block}(X\leftarrow X_{0};W_{\ell};b)",
            r"\end{align*}",
            r"Block, layer $\ell$: $X$ becomes $Y$, with $W = W_{\ell}$.",
            r"\begin{align*}",
            r"A &= \mathrm{LayerNorm}(X) \\",
            r"Y_{if} &= X_{if} + \sum_{c}A_{ic}W_{cf} + b_{f}",
            r"\end{align*}",
            "}",
        ]
    )
    assert sf.program(stack(96)).latex() == whole.latex().replace(r"\dots L}", r"\dots96}")


def test_a_loop_of_which_several_tensors_come_is_listed_once():
    backward = sf.gradient(sf.program(stack()))
    written = backward.latex()
    assert written.count("Block backward, layer") == 1 and written.count("Block, layer") == 1
    assert "\\begin{align*}\n\n" not in written


def test_what_two_layers_have_in_common_is_listed_once():
    second = sf.repeat(
        sf.define("Z", (i, f), X[i, f] + A[i, f]), (ell, L), carry={X: stack()}, each=(), name="X_M", title="Last"
    )
    written = sf.program(second).latex()
    assert written.count("A &=") == 1
    assert "Last, layer $\\ell$: $X$ becomes $Z$; the rest is as above.\n" in written
