"""Formulas of one's own are tiled without being asked: the same numbers as everything at once, whatever the tiles."""

import re
import tracemalloc
from inspect import unwrap

import numpy as np
import pytest

import symformer as sf
from symformer.compile.modules import export_program
from symformer.notation import hide, indicator, indices, sigmoid, sqrt, sum, tanh
from symformer.programs import define

n, m, d, e = sf.sizes("n m d e")
i, j, c, f, k, a, b = indices("i j c f k a b")
Q, K, V = sf.tensor("Q", n, d), sf.tensor("K", m, d), sf.tensor("V", m, e)
G, B, X = sf.tensor("G", n, e), sf.tensor("B", n, m), sf.tensor("X", n, d)
W1, W2, W3 = sf.tensor("W1", d, e), sf.tensor("W2", e, d), sf.tensor("W3", d, d)
W4, HEADS, UP = sf.tensor("W4", d, d), sf.tensor("W5", d, e, 3), sf.tensor("W6", e, e, 3)
SEEN = sf.tensor("seen", n, m, kind="mask")
SCORES = sum(Q[i, c] * K[j, c], c) / sqrt(d)


def _attention(scores, gated=False):
    weights = sf.softmax(define("S", (i, j), scores))
    mean = sum(weights[a, b] * V[b, f], b)
    return define("O", (a, f), sigmoid(G[a, f]) * mean if gated else mean)


def _self_attention():
    q, key = (define(name, (i, c), sum(X[i, k] * W3[k, c], k)) for name in ("q", "key"))
    value = define("value", (i, f), sum(X[i, k] * W1[k, f], k))
    weights = sf.softmax(define("S", (i, j), hide(sum(q[i, c] * key[j, c], c), indicator(j, "<=", i))))
    return define("O", (i, f), sum(weights[i, j] * value[j, f], j))


def _among_rows(queries, keys, values):
    """Attention of what has rows of one size, some of it read as queries and as keys."""
    weights = sf.softmax(define("S", (i, j), sum(queries[i, c] * keys[j, c], c)))
    return define("O", (i, f), sum(weights[i, j] * values[j, f], j))


def _projected(name, x, weight):
    return define(name, (j, f), sum(x[j, a] * weight[a, f], a))


def _latent():
    """Keys from a latent that is the values, too, for each head (DeepSeek-V2, arXiv:2405.04434, section 2.1.2)."""
    latent = define("c", (j, a), sum(X[j, b] * W1[b, a], b))
    q = define("q", (k, i, f), sum(X[i, b] * HEADS[b, k, f], b))
    key = define("key", (k, j, f), sum(latent[j, a] * UP[a, k, f], a))
    weights = sf.softmax(define("S", (k, i, j), sum(q[k, i, f] * key[k, j, f], f)))
    return define("O", (k, i, a), sum(weights[k, i, j] * latent[j, a], j))


def _mlp():
    hidden = sf.gelu(define("H", (i, f), sum(X[i, c] * W1[c, f], c)))
    return define("Y", (i, c), X[i, c] + sum(hidden[i, f] * W2[f, c], f))


PROGRAMS = {
    "attention": _attention(SCORES),
    "scaled by several numbers": _attention(3 * tanh(SCORES * 0.5 / 3)),
    "bias and gate": _attention(SCORES + B[i, j], gated=True),
    "causal": _attention(hide(SCORES, indicator(j, "<=", i))),
    "causal with an offset, the other way round": _attention(hide(SCORES, indicator(i + 3, ">", j))),
    "window": _attention(hide(hide(SCORES, indicator(j, "<=", i)), indicator(j, ">", i - 4))),
    "what comes later": _attention(hide(SCORES, indicator(j, ">=", i))),
    "a relation as a factor": define(
        "L", (i, f), sum(indicator(j, "<=", i + 1) * define("S", (i, j), SCORES)[i, j] * V[j, f], j)
    ),
    "mask": _attention(hide(SCORES, SEEN[i, j])),
    "op": sf.attention(Q, K, V, is_causal=True, offset=2, window=5, softcap=3, name="O"),
    "self-attention": _self_attention(),
    "rows that are their own keys and values": _among_rows(X, X, X),
    "weights of rows among themselves, causal": sf.softmax(
        define("S", (i, j), hide(sum(X[i, c] * X[j, c], c), indicator(j, "<=", i))), name="P"
    ),
    "keys made of another input": _among_rows(Q, _projected("key", K, W3), _projected("value", K, W1)),
    "rows and keys made of one input": _among_rows(_projected("q", X, W3), _projected("key", X, W4), X),
    "a latent that is read as rows and as keys": _latent(),
    "MLP": _mlp(),
    "a sum as it is": define("z", i, sum(tanh(define("S", (i, j), SCORES)[i, j]), j)),
}


def _in_one_line(part, over):
    weights = define("P", (i, j), part / over)
    return define("O", (i, f), sum(weights[i, j] * V[j, f], j))


S_GIVEN = define("S", (i, j), SCORES)
Y2, W4 = sf.tensor("Y", m, d), sf.tensor("W4", d, d)
KEYS = define("keys", (j, c), sum(Y2[j, k] * W4[k, c], k))
OF_ITSELF = sf.softmax(define("S", (i, j), sum(X[i, c] * X[j, c], c)))
PROGRAMS |= {
    "one array twice": define("O", (i, f), sum(OF_ITSELF[i, j] * X[j, f], j)),
    "a sum beside its terms": _in_one_line(sigmoid(S_GIVEN[i, j]), 1 + sum(sigmoid(S_GIVEN[i, k]), k)),
    "a mean beside its terms": _in_one_line(S_GIVEN[i, j] - sf.mean(S_GIVEN[i, k], k), 3),
    "a maximum beside its terms": _in_one_line(S_GIVEN[i, j] - sf.max(S_GIVEN[i, k], k), 3),
    "keys that are computed": _attention(sum(Q[i, c] * KEYS[j, c], c)),
}  # fmt: skip


def _tiny(function, random):
    """Sets tiles of a few rows and columns in a function's own helpers."""
    width, step = (int(random.integers(1, 20)) for _ in range(2))
    few = int(random.choice([0, 1 << 19]))
    unwrap(function).__globals__.update(FEW=few, BAND=int(random.integers(2, 20)), WIDE=width, TILE=width * 8 * step)
    unwrap(function).__globals__.update(PRODUCT=int(random.choice([0, 1 << 20])), LEAST=step, MANY=step, BATCH=64)


def _given(program, random):
    numbers = {"3": 3} | {str(size): int(random.integers(1, 40)) for size in (n, m)}
    numbers |= {str(size): int(random.integers(1, 6)) for size in (d, e)}
    lead, scale = [(), (2,), (2, 3)][random.integers(3)], random.choice([0.5, 30.0])
    for tensor in program.inputs:
        shape = tuple(numbers[str(size)] for size in tensor.shape)
        own = lead if random.random() < 0.7 else ()
        if tensor.domain.kind == "mask":
            yield random.random((*own, *shape)) < 0.7
        else:
            yield random.standard_normal((*own, *shape)) * (scale if tensor.name in ("Q", "K") else 1)


def _pair(program):
    return sf.lambdify(program), sf.lambdify(program, rows=None)


def _same(tiled, whole, program, seed):
    random = np.random.default_rng(seed)
    for _ in range(10):
        _tiny(tiled, random)
        arrays = list(_given(program, random))
        found, wanted = tiled(*arrays), whole(*arrays)
        pairs = zip(found, wanted, strict=True) if isinstance(found, tuple) else [(found, wanted)]
        for one, other in pairs:
            np.testing.assert_allclose(one, np.broadcast_to(other, one.shape), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", PROGRAMS)
def test_tiles_change_no_number(name):
    program = sf.program(PROGRAMS[name])
    tiled, whole = _pair(program)
    assert "for rows in" in tiled.source
    _same(tiled, whole, program, 0)


@pytest.mark.parametrize("name", PROGRAMS)
def test_tiles_change_no_gradient(name):
    output = PROGRAMS[name]
    wrt = tuple(tensor.name for tensor in sf.program(output).inputs if tensor.domain.kind != "mask")
    program = sf.gradient(output, wrt=wrt)
    tiled, whole = _pair(program)
    _same(tiled, whole, program, 1)


@pytest.mark.parametrize("seed", range(4))
def test_random_programs_are_the_same_in_tiles(seed):
    random = np.random.default_rng(seed)
    scores = SCORES + B[i, j] if random.random() < 0.5 else SCORES
    limit = [i, i + 3, i - 2][random.integers(3)]
    relations = [indicator(j, "<=", limit), indicator(j, ">", i - int(random.integers(1, 9))), SEEN[i, j]]
    for relation in relations:
        scores = hide(scores, relation) if random.random() < 0.6 else scores
    output = _attention(scores, gated=bool(random.random() < 0.5))
    wrt = tuple(tensor.name for tensor in sf.program(output).inputs if tensor.domain.kind != "mask")
    for program in (sf.program(output), sf.gradient(output, wrt=wrt)):
        _same(*_pair(program), program, seed)


def test_letters_and_brackets_choose_no_schedule():
    r, s, t, u = indices("r s t u")
    scores = define("A", (s, r), hide(sum(K[r, t] * Q[s, t], t) / sqrt(d), indicator(s, ">=", r)))
    weights = sf.softmax(scores)
    renamed = define("R", (s, u), sum(V[r, u] * weights[s, r], r))
    plans = [re.findall(r"row_blocks = .*|for \w+ in row_blocks.*", sf.lambdify(one).source)
             for one in (PROGRAMS["causal"], renamed)]  # fmt: skip
    assert [len(plan) for plan in plans] == [3, 3]
    assert [line.partition("(")[0] for line in plans[0]] == [line.partition("(")[0] for line in plans[1]]


def test_causal_attention_of_ones_own_needs_no_square():
    function = sf.lambdify(PROGRAMS["causal"])
    arrays = [np.ones((2048, 8), np.float32) for _ in range(3)]
    function(*arrays)
    tracemalloc.start()
    function(*arrays)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2048 * 2048 * 4 / 4


def test_exported_gradients_are_summed_over_the_batch_that_an_input_lacks():
    forward = sf.program(PROGRAMS["MLP"])
    space = {}
    exec(export_program("mlp", forward, ["X", "W1", "W2"], check=False)[0], space)
    assert "row_blocks" in sf.lambdify(forward).source
    random = np.random.default_rng(0)
    x, w1, w2, cotangent = (random.standard_normal(shape) for shape in ((2, 6, 3), (3, 4), (4, 3), (2, 6, 3)))
    given = {"X": x, "W1": w1, "W2": w2}
    order = [tensor.name for tensor in forward.inputs]

    def gradients(values, cotangent):
        found = space["mlp_vjp"](cotangent, *(values[name] for name in order))
        return dict(zip(order, found, strict=True))

    found = gradients(given, cotangent)
    each = [gradients({**given, "X": x[entry]}, cotangent[entry]) for entry in range(2)]
    for name in ("W1", "W2"):
        np.testing.assert_allclose(found[name], each[0][name] + each[1][name], rtol=1e-12)
    np.testing.assert_allclose(found["X"], np.stack([one["X"] for one in each]), rtol=1e-12)


def test_what_a_relation_puts_to_0_is_not_seen_in_tiles_nor_at_once():
    program = sf.program(PROGRAMS["a relation as a factor"])
    tiled, whole = _pair(program)
    assert ".within(rows, 1, None)" in tiled.source
    random = np.random.default_rng(0)
    q, key, value = (random.standard_normal((40, size)) for size in (3, 3, 2))
    value[31], value[35] = np.nan, np.inf
    for _ in range(5):
        _tiny(tiled, random)
        found, wanted = tiled(q, key, value), whole(q, key, value)
        np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-9)
        assert np.isfinite(found[:30]).all() and np.isnan(found[30:]).all()
