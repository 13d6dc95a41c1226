"""The backward pass of a whole block: line by line over a few definitions, in work that grows with depth alone."""

from __future__ import annotations

import pytest

import symformer as sf
from symformer.calculus import reverse
from symformer.derivation import derivation_of
from symformer.notation import replace_tensors
from symformer.notation.node import Node
from symformer.programs import Call, Computed, Rebuild, elements, reachable
from symformer.writers import tex

n, d, heads, d_k, d_ff = sf.sizes("n d R d_k d_ff")
i, c = sf.indices("i c")
X = sf.tensor("X", n, d)


def block(x, tag=""):
    """Norm, multi-head attention, residual, norm, SwiGLU, residual, with weights of its own."""

    def weight(name, *shape):
        return sf.tensor(f"{name}{tag}", *shape)

    def normed(value, which, name):
        return sf.layer_norm(value, weight(f"gamma_{which}", d), weight(f"beta_{which}", d), name=name)

    first = normed(x, 1, f"A{tag}")
    projections = [weight(f"W_{name}", d, 1, *shape, d_k) for name, shape in (("Q", (heads,)), ("K", ()), ("V", ()))]
    mixed = sf.multi_head_attention(first, None, *projections, weight("W_O", 1, heads, d_k, d), name=f"H{tag}")
    middle = sf.define(f"Y{tag}", (i, c), x[i, c] + mixed[i, c])
    second = normed(middle, 2, f"B{tag}")
    shapes = (("gate", d, d_ff), ("up", d, d_ff), ("down", d_ff, d))
    wide = sf.swiglu(second, *(weight(f"W_{name}", *shape) for name, *shape in shapes), name=f"F{tag}")
    return sf.define(f"Z{tag}", (i, c), middle[i, c] + wide[i, c])


@pytest.fixture(scope="module")
def derivation():
    return sf.load("block-backward")


@pytest.fixture(scope="module")
def matrix_page(derivation):
    return tex(derivation.page(judged=False), "matrix")


def definitions_behind(line):
    """How many definitions a line is judged over."""
    found = reachable(*(element.tensor for element in elements(line.formula)))
    return sum(isinstance(tensor, Computed) for tensor in found)


# The page. ------------------------------------------------------------------------------------------------------------


def test_every_line_of_the_block_is_proved(book):
    assert {line["verdict"] for line in book["block-backward"].lines} == {"proved"}


def test_every_line_rests_on_a_few_definitions(derivation):
    assert max(map(definitions_behind, derivation.lines)) <= 6
    assert len(derivation.where) > 20


def test_the_page_is_as_short_as_a_paper_has_it(matrix_page, derivation):
    marks = sum(len(r"\hfill\textit{proved}") for line in derivation.lines if not line.opens)
    assert len(matrix_page) + marks < 20_000


@pytest.mark.parametrize(
    "shown",
    [
        r"= a^{\top}\, dZ",  # dW_down
        r"= s \odot (da \odot u + ds \odot (\mathbf{1}\mathbf{1}^{\top} - s))",  # dg
        r"= dB\, \mathrm{diag}(\gamma_{2})",  # dx̂
        r"= P_{gr} \odot (dP_{gr} - D_{gr}\mathbf{1}^{\top})",  # dS
        r"= \frac{\sum_{r}dS_{gr}^{\top}\, Q_{gr}}{\sqrt{d_{k}}}",  # dK
        r"= dY + \mathrm{diag}\left( \sqrt{v + \varepsilon} \right)^{-1}\left( d\hat{x} - "
        r"\frac{1}{d}\, \mathrm{diag}(\mathrm{rowsum}(d\hat{x} \odot \hat{x}))\hat{x} - "
        r"\frac{1}{d}d\hat{x}\mathbf{1}\mathbf{1}^{\top} \right)",  # dX
    ],
)
def test_cotangents_stand_as_a_textbook_prints_them(matrix_page, shown):
    assert shown in matrix_page


def test_a_residual_hands_its_cotangent_on_in_one_line(derivation):
    (chain,) = [chain for chain in derivation.chains if chain[0].title == "The cotangent of H"]
    assert [str(line.formula) for line in chain] == ["dH_io", "dY_io"]


def test_the_branch_of_a_norm_forgotten_is_refuted():
    """A residual that hands back its own cotangent alone."""
    gamma = sf.tensor("gamma", d)
    normed = sf.layer_norm(X, gamma, name="A")
    backward = reverse(sf.program(sf.define("Y", (i, c), X[i, c] + normed[i, c])).unfold())
    place = next(place for place, step in enumerate(backward.steps) if step.tensor == X)
    step, seed = backward.steps[place], backward.cotangents[0]
    forgotten = type(step.cotangent)("dX", X.shape, origin=type(step.cotangent.origin)((i, c), seed[i, c]))
    rule = Rebuild({step.cotangent.digest: forgotten})
    rows = tuple((replace_tensors(formula, rule), reason) for formula, reason in step.rows)
    wrong = type(step)(step.tensor, forgotten, step.letters, step.through, rows, step.uses)
    lost = type(backward)(backward.forward, backward.cotangents, (), (), (wrong,))
    assert derivation_of(backward).passes
    assert "refuted" in {judged.verdict.kind for judged in derivation_of(lost).check()}


# Depth. ---------------------------------------------------------------------------------------------------------------


def test_a_call_holds_nothing_of_the_layers_around_it():
    """What stands in the call of one layer does not grow with the number of layers."""
    value = X
    for layer in range(6):
        value = block(value, f"_{layer}")
    calls = [one for one in reverse(value).program if isinstance(one.origin, Call)]
    inside = []
    for one in calls:
        held = {argument.digest for argument in one.origin.arguments}
        forms = reachable(one.origin.textbook, one.origin.stable, held=held)
        inside.append(sum(isinstance(tensor, Computed) for tensor in forms))
    assert len(calls) > 100
    assert max(inside) <= 30


def test_each_layer_is_as_much_work_as_the_one_before(monkeypatch):
    """Expressions made by reverse mode for one, two, … distinct layers: each adds as many as the second."""
    made, new = [0], Node.__new__

    def counted(cls, *arguments):
        made[0] += 1
        return new(cls, *arguments)

    work = []
    for depth in (1, 2, 5, 6):
        value = X
        for layer in range(depth):
            value = block(value, f"_{depth}{layer}")
        whole = sf.program(value)
        monkeypatch.setattr(Node, "__new__", staticmethod(counted))
        made[0] = 0
        reverse(whole)
        work.append(made[0])
        monkeypatch.undo()
    one, two, five, six = work
    assert six - five == pytest.approx(two - one, rel=0.02)


def test_a_repeat_is_as_long_as_one_layer():
    one = block(X)
    weights = [tensor for tensor in sf.program(one).inputs if tensor not in (X,) and tensor.name != "epsilon"]
    ell, layers = sf.indices("ell"), sf.sizes("L")
    deep = sf.repeat(one, (ell, layers), {X: sf.tensor("X_0", n, d)}, weights, name="X_L")
    (layer,) = reverse(deep).layers.values()
    assert len(layer.steps) == len(reverse(one).steps)
