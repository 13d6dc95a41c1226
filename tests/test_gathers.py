"""Rows of a table that are chosen by two indices: products come first, and no array has both and the table's width."""

import tracemalloc

import numpy as np
import pytest

import symformer as sf

n, d, e, h = sf.sizes("n d e h")
i, j, c, f, g = sf.indices("i j c f g")
Q, K, V, P = sf.tensor("Q", n, d), sf.tensor("K", n, d), sf.tensor("V", n, e), sf.tensor("P", n, n)
R, U = sf.tensor("R", 2 * n - 1, d), sf.tensor("U", 2 * n - 1, e)
B, C = sf.tensor("B", h, n, d), sf.tensor("C", h, n, d)


def scores():
    """Shaw's relative positions: every key has a vector for its distance."""
    return sf.define("S", (i, j), sf.sum(Q[i, c] * (K[j, c] + R[j - i + n, c]), c) / sf.sqrt(d))


def values():
    return sf.define("O", (i, f), sf.sum(P[i, j] * (V[j, f] + U[j - i + n, f]), j))


PROGRAMS = {
    "scores": scores,
    "values": values,
    "with heads": lambda: sf.define("S", (g, i, j), sf.sum(B[g, i, c] * (C[g, j, c] + R[j - i + n, c]), c)),
    "distances that end": lambda: sf.define("S", (i, (j, n)), sf.sum(Q[i, c] * R[sf.clip(j - i, -1, 1) + 2, c], c)),
    "a product alone": lambda: sf.define("S", (i, (j, n)), sf.sum(Q[i, c] * R[j - i + n, c], c)),
    "a difference": lambda: sf.define("S", (i, j), sf.sum(Q[i, c] * (R[j - i + n, c] - K[j, c]), c)),
}


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("backward", [False, True], ids=["forward", "backward"])
def test_products_come_before_gathers(name, backward):
    """`lambdify` compares every function with the interpreter."""
    program = PROGRAMS[name]()
    source = sf.lambdify(sf.gradient(program) if backward else program).source
    assert ") @ R" in source or "@ R.mT" in source or "deposit" in source or '"gic,ac->gia"' in source


@pytest.mark.parametrize("size", [1, 2, 7])
def test_relative_positions_are_those_of_loops(size):
    q, k = np.random.default_rng(size).normal(size=(2, 3, size, 4))
    r = np.random.default_rng(9).normal(size=(2 * size - 1, 4))
    found = sf.lambdify(scores(), check=False)(q, k, r)
    for at in np.ndindex(found.shape):
        b, row, key = at
        assert found[at] == pytest.approx(q[b, row] @ (k[b, key] + r[key - row + size - 1]) / 2, abs=1e-12)


def test_no_array_has_a_place_and_a_row():
    rows = 300
    q, k = np.random.default_rng(0).normal(size=(2, rows, 64))
    r = np.random.default_rng(1).normal(size=(2 * rows - 1, 64))
    function = sf.lambdify(scores(), check=False)
    tracemalloc.start()
    found = function(q, k, r)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 12 * found.nbytes


def test_a_position_outside_its_table_is_an_error_both_ways():
    short = sf.tensor("R", 2 * n - 3, d)
    program = sf.define("O", (i, c), sf.sum(P[i, j] * short[j - i + n, c], j))
    with pytest.raises(ValueError, match="outside its axis"):
        sf.lambdify(program, check=False)(np.ones((4, 4)), np.ones((5, 2)))


def test_a_row_that_meets_all_letters_of_its_place_is_chosen_first():
    """Samples of the logit of one token each: the logits of all tokens are never computed for them."""
    m = sf.sizes("m")
    ids = sf.tensor("t", h, n, kind="integer", upper=e)
    table, samples = sf.tensor("W", e, d), sf.tensor("X", m, h, n, d)
    program = sf.define("z", (j, g, i), sf.sum(samples[j, g, i, c] * table[ids[g, i], c], c))
    assert "pick(W" in sf.lambdify(program).source
