"""Sums over j ≤ i are running sums: the numbers of plain loops, and no array of n × n."""

import tracemalloc
from random import Random

import numpy as np
import pytest

import symformer as sf

n, d, e, h = sf.sizes("n d e h")
i, j, c, f, g = sf.indices("i j c f g")
Q, K, V, x = sf.tensor("Q", n, d), sf.tensor("K", n, d), sf.tensor("V", n, e), sf.tensor("x", n)
ENDS = {"≤": np.tril, "<": lambda a: np.tril(a, -1), "≥": np.triu, ">": lambda a: np.triu(a, 1)}


def seen(relation, left=j, right=i):
    return sf.indicator(left, relation, right)


def linear(relation="≤"):
    """Causal linear attention as a paper writes it."""
    scores = sf.sum(Q[i, c] * K[j, c], c)
    return sf.define("O", ((i, n), (f, e)), sf.sum(seen(relation) * scores * V[j, f], j))


def normalised():
    scores = sf.define("S", (i, j), sf.sum(Q[i, c] * K[j, c], c) / sf.sqrt(d))
    over = sf.sum(seen("≤") * scores[i, j] * V[j, f], j)
    return sf.define("O", (i, f), over / sf.sum(seen("≤") * scores[i, j], j))


PROGRAMS = {
    "a sum up to i": lambda: sf.define("s", i, sf.sum(x[j], (j, i))),
    "squares up to i": lambda: sf.define("s", i, x[i] * sf.sum(seen("≤") * x[j] ** 2, j)),
    "along the first of two axes": lambda: sf.define("s", ((i, n), f), sf.sum(seen("≥") * V[j, f], j)),
    "the other way round": lambda: sf.define("s", ((i, n), f), sf.sum(seen("<", i, j) * V[j, f], j)),
    "one flat sum": lambda: sf.define("O", (i, f), sf.sum(seen("≤") * Q[i, c] * K[j, c] * V[j, f], j, c)),
    "states": lambda: sf.define("S", ((i, n), c, f), sf.sum(seen("≤") * K[j, c] * V[j, f], j)),
    "linear attention": linear,
    "normalised": normalised,
    "its gradient": lambda: sf.gradient(linear()),
    "the gradient of the normalised": lambda: sf.gradient(normalised()),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_sums_up_to_an_index_run(name):
    """`lambdify` compares every function with the interpreter."""
    source = sf.lambdify(PROGRAMS[name]()).source
    assert "running_" in source
    assert "np.arange" not in source


@pytest.mark.parametrize("size", [1, 2, 63, 64, 65, 200])
@pytest.mark.parametrize("relation", ENDS)
def test_linear_attention_is_that_of_a_masked_product(relation, size):
    draw = np.random.default_rng(size)
    q, k, v = (draw.normal(size=(2, size, width)) for width in (3, 3, 5))
    found = sf.lambdify(linear(relation), check=False)(q, k, v)
    np.testing.assert_allclose(found, ENDS[relation](q @ k.mT) @ v, rtol=1e-12, atol=1e-11)


def test_no_array_of_rows_and_columns_is_made():
    function, rows = sf.lambdify(linear(), check=False), 20_000
    q, k, v = np.random.default_rng(0).normal(size=(3, rows, 4)).astype(np.float32)
    tracemalloc.start()
    function(q, k, v)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 10 * v.nbytes + 2**20


def test_what_comes_later_reaches_nothing_before():
    function = sf.lambdify(linear(), check=False)
    q, k, v = np.random.default_rng(1).normal(size=(3, 150, 4))
    wanted = function(q, k, v)
    k[100], v[120] = np.nan, np.inf
    found = function(q, k, v)
    np.testing.assert_array_equal(found[:100], wanted[:100])
    assert np.isnan(found[100:]).all()


def test_what_others_read_is_computed_once_and_read():
    scores = sf.define("S", (i, j), sf.sum(Q[i, c] * K[j, c], c))
    mixed = sf.define("O", (i, f), sf.sum(seen("≤") * scores[i, j] * V[j, f], j))
    assert "running_" not in sf.lambdify(sf.program(mixed, scores)).source


def test_a_sum_that_is_none_stays_as_it_is():
    decayed = sf.define("O", (i, f), sf.sum(seen("≤") * sf.exp(x[i] * x[j]) * V[j, f], j))
    assert "running_" not in sf.lambdify(decayed).source
    shorter = sf.tensor("y", sf.sizes("m"))
    other = sf.define("s", i, x[i] * sf.sum(seen("≤") * shorter[j], j))
    np.testing.assert_allclose(sf.lambdify(other)(np.ones(4), np.ones(2)), [1, 2, 2, 2])


def drawn(random):
    """A sum over j of a relation, if any, and of a few factors; sometimes its gradient."""
    W, M, y = sf.tensor("W", n, n), sf.tensor("M", n, n, kind="mask"), sf.tensor("y", n)
    scores = sf.sum(Q[i, c] * K[j, c], c)
    factors = [x[j], y[i], V[j, f], V[i, f], scores, scores - y[i], W[i, j], M[i, j], sf.exp(x[j]), 1 / (1 + y[i] ** 2),
               x[j] + y[i], sf.lift(j)]  # fmt: skip
    sides = random.choice([(i, j), (j, i)])
    body = sf.indicator(sides[0], random.choice(sorted(ENDS)), sides[1]) * x[j] if random.random() < 0.9 else x[j]
    for factor in random.sample(factors, random.randint(1, 3)):
        body = body * factor
    indices = ((i, n), (f, e)) if f in body.free else ((i, n),)
    program = sf.define("O", indices, sf.sum(body, j) + (y[i] if random.random() < 0.3 else 0))
    return sf.gradient(program) if random.random() < 0.3 else program


@pytest.mark.parametrize("seed", range(30))
def test_random_sums_are_those_of_the_interpreter(seed):
    """`lambdify` compares, and raises where a function differs."""
    sf.lambdify(drawn(Random(seed)))


def test_a_gradient_of_what_has_no_real_input_is_told():
    mask = sf.tensor("M", n, n, kind="mask")
    with pytest.raises(sf.CompileError, match="no real input"):
        sf.lambdify(sf.gradient(sf.define("s", i, sf.sum(mask[i, j], j))))


def test_a_sum_of_many_terms_loses_none_of_them():
    y = sf.tensor("y", n)
    many = (x[j] + y[j]) * (x[j] + 1) * (y[j] + 2)
    sf.lambdify(sf.define("s", ((i, n),), sf.sum(seen("≤") * (many + x[j]), j)))
