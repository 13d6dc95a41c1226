"""What is compiled is what is judged: both forms of every op are equal, forward and derived."""

import pytest

import symformer as sf
from symformer.derivation.forms import judged_forms
from symformer.ops import MODULES
from symformer.programs import call

OPS = {op.name: op for module in MODULES for op in module.SIGNATURES if op.op is not None}
CHECKED = ("kl_divergence", "multi_head_attention")  # logarithms of quotients, and sums over joined heads
n, d = sf.sizes("n d")
i, c = sf.indices("i c")
X = sf.tensor("X", n, d)


def size(word):
    return int(word) if word.isdigit() else sf.sizes(word)


def built(op):
    specs = {key: spec for key, spec in op.shapes.items() if not spec.endswith("?") or key == "memory"}
    words = {key: spec.rstrip("?").replace("...", "").split() for key, spec in specs.items()}
    inputs = {key: sf.tensor(key, *map(size, own)) for key, own in words.items()}
    return sf.program(op.op(inputs), inputs=tuple(inputs.values()))


@pytest.mark.parametrize("name", sorted(OPS))
def test_both_forms_of_an_op_and_of_its_gradients_are_equal(name):
    program = built(OPS[name])
    found = [*judged_forms(program), *sf.gradient(program).forms]
    allowed = {"proved", "checked"} if name in CHECKED else {"proved"}
    assert {one.verdict.kind for one in found} <= allowed, [(one.call.name, one.verdict) for one in found]


def test_forms_that_differ_are_refuted():
    textbook = sf.define("s", (i, c), sf.exp(X[i, c]) / sf.sum(sf.exp(X[i, c]), c))
    stable = sf.define("s", (i, c), sf.exp(X[i, c]) / sf.sum(sf.exp(X[i, c]), i))
    (found,) = judged_forms(sf.program(call("softmax", (X,), textbook, stable, "s")))
    assert found.verdict.kind == "refuted"
    assert not found.passes


def test_a_gradient_compiles_by_its_own_method():
    function = sf.gradient(sf.define("L", (), sf.sum(X[i, c] ** 2, i, c))).lambdify()
    assert function([[3.0]]).tolist() == [[6.0]]
