"""Ratios and logarithms of exponentials, written out as papers print them, at inputs of any size."""

import numpy as np
import pytest
from scipy.special import expit, log_softmax, logsumexp, softmax

import symformer as sf
from symformer.notation import exp, log

n = sf.sizes("n")
i, j, k = sf.indices("i j k")
x, y = sf.tensor("x", n), sf.tensor("y", n)
A, V = sf.tensor("A", n, n), sf.tensor("V", n, n)
M = sf.tensor("M", n, n, kind="mask", sees=True)
E = sf.define("E", (i, j), exp(A[i, j]))
Z = sf.define("Z", i, sf.sum(E[i, k], k))
P = sf.define("P", (i, j), E[i, j] / Z[i])
p, q = sf.softmax(x, name="p"), sf.softmax(y, name="q")
LOWER = np.tri(4, dtype=bool)


def _with(A, column):
    return softmax(np.concatenate([A, column[:, None]], axis=1), axis=1)[:, :-1]


def _rows(A):
    return softmax(A, axis=1)


# name: (body, letters, inputs, what it is)
CASES = {
    "softmax": (exp(A[i, j]) / sf.sum(exp(A[i, k]), k), (i, j), (A,), _rows),
    "by a reciprocal": ((1 / sf.sum(exp(A[i, k]), k)) * exp(A[i, j]), (i, j), (A,), _rows),
    "by names": (P[i, j] * 1, (i, j), (A,), _rows),
    "log of a product of sums beside 1": (
        log(1 + sf.sum(exp(x[i]), i) * sf.sum(exp(y[j]), j)), (), (x, y),
        lambda x, y: np.logaddexp(0, logsumexp(x) + logsumexp(y)),
    ),
    "log of a product of exponentials": (
        log(exp(y[i]) * sf.sum(exp(x[k]), k)), (i,), (x, y), lambda x, y: y + logsumexp(x),
    ),
    "log of probabilities": (
        sf.sum(y[j] * log(p[j]), j), (), (y, x), lambda y, x: y @ log_softmax(x),
    ),
    "log of a ratio of probabilities": (
        sf.sum(p[j] * log(p[j] / q[j]), j), (), (x, y), lambda x, y: softmax(x) @ (log_softmax(x) - log_softmax(y)),
    ),
    "log of rows of probabilities": (log(P[i, j]) * V[i, j], (i, j), (A, V), lambda A, V: log_softmax(A, axis=1) * V),
    "an exponential that a minimum hides": (
        sf.minimum(0, exp(x[i] * y[i]) - 1), (i,), (x, y), lambda x, y: np.expm1(np.minimum(x * y, 0)),
    ),
    "temperature": (exp(A[i, j] / 3) / sf.sum(exp(A[i, k] / 3), k), (i, j), (A,), lambda A: _rows(A / 3)),
    "under another sum": (
        sf.sum(exp(A[i, j]) * V[j, k], j) / sf.sum(exp(A[i, j]), j), (i, k), (A, V), lambda A, V: _rows(A) @ V,
    ),
    "a mask as a factor": (
        sf.sum(M[i, j] * exp(A[i, j]) * V[j, k], j) / sf.sum(M[i, j] * exp(A[i, j]), j), (i, k), (A, M, V),
        lambda A, M, V: _rows(np.where(M, A, -np.inf)) @ V,
    ),
    "causal": (
        sf.sum((j <= i) * exp(A[i, j]) * V[j, k], j) / sf.sum((j <= i) * exp(A[i, j]), j), (i, k), (A, V),
        lambda A, V: _rows(np.where(LOWER, A, -np.inf)) @ V,
    ),
    "cases": (
        sf.where(M[i, j], exp(A[i, j]), 0) / sf.sum(sf.where(M[i, k], exp(A[i, k]), 0), k), (i, j), (A, M),
        lambda A, M: _rows(np.where(M, A, -np.inf)),
    ),
    "cases the other way round": (
        sf.where(j > i, 0, exp(A[i, j])) / sf.sum(sf.where(k > i, 0, exp(A[i, k])), k), (i, j), (A,),
        lambda A: _rows(np.where(LOWER, A, -np.inf)),
    ),
    "cases of two exponentials": (
        exp(sf.where(M[i, j], A[i, j], V[i, j])) / sf.sum(sf.where(M[i, k], exp(A[i, k]), exp(V[i, k])), k),
        (i, j), (A, M, V), lambda A, M, V: _rows(np.where(M, A, V)),
    ),
    "cases that read outside an axis": (
        sf.where(i > 1, exp(x[i - 1]), 0) / sf.sum(sf.where(k > 1, exp(x[k - 1]), 0), (k, n)), ((i, n),), (x,),
        lambda x: np.concatenate([[0], softmax(x[:-1])]),
    ),
    "off by one": (
        exp(A[i, j]) / (1 + sf.sum(exp(A[i, k]), k)), (i, j), (A,), lambda A: _with(A, np.zeros(len(A))),
    ),
    "a sink": (exp(A[i, j]) / (exp(x[i]) + sf.sum(exp(A[i, k]), k)), (i, j), (A, x), _with),
    "two sums": (
        exp(A[i, j]) / sf.sum(exp(A[i, k]), k) * exp(A[i, j]) / sf.sum(exp(A[k, j]), k), (i, j), (A,),
        lambda A: softmax(A, axis=1) * softmax(A, axis=0),
    ),
    "log of a sum": (log(sf.sum(exp(A[i, k]), k)), i, (A,), lambda A: logsumexp(A, axis=1)),
    "log of a ratio": (log(exp(x[i]) / sf.sum(exp(x[k]), k)), i, (x,), lambda x: x - logsumexp(x)),
    "log σ": (log(sf.sigmoid(x[i])), i, (x,), lambda x: -np.logaddexp(0, -x)),
    "log σ written out": (log(1 / (1 + exp(-x[i]))), i, (x,), lambda x: -np.logaddexp(0, -x)),
    "log(1 + exp x)": (log(1 + exp(x[i])), i, (x,), lambda x: np.logaddexp(0, x)),
    "log1p of exp": (sf.log1p(exp(x[i])), i, (x,), lambda x: np.logaddexp(0, x)),
    "swish": (x[i] / (1 + exp(-x[i])), i, (x,), lambda x: x * expit(x)),
    "σ from above": (exp(x[i]) / (1 + exp(x[i])), i, (x,), expit),
    "log of exp": (log(exp(x[i])), i, (x,), lambda x: x),
    "two classes": (exp(x[i]) / (exp(x[i]) + exp(y[i])), i, (x, y), lambda x, y: expit(x - y)),
}  # fmt: skip


@pytest.mark.parametrize("scale", [1, 100, 10_000])
@pytest.mark.parametrize("case", CASES)
def test_a_ratio_of_exponentials_is_stable(case, scale):
    body, letters, inputs, right = CASES[case]
    program = sf.program(sf.define("T", letters, body), inputs=inputs)
    function, slopes = sf.lambdify(program), sf.lambdify(sf.reverse(program).program)
    random = np.random.default_rng(scale)
    seen = random.integers(0, 2, size=(4, 4)).astype(bool) | np.eye(4, dtype=bool)
    given = [seen if one is M else random.normal(size=(4,) * len(one.shape)) * scale for one in inputs]
    np.testing.assert_allclose(function(*given), right(*given), rtol=1e-9, atol=1e-300)
    single = [one if one.dtype == bool else one.astype(np.float32) for one in given]
    assert np.isfinite(function(*single)).all()
    found = slopes(*([np.ones_like(right(*given))] if letters else []), *given)
    assert all(np.isfinite(one).all() for one in (found if isinstance(found, tuple) else (found,)))


def test_what_is_shifted_already_is_left_alone():
    top = sf.define("m", i, sf.max(A[i, k], k))
    shifted = sf.define("e", (i, j), exp(A[i, j] - top[i]))
    ratio = sf.define("p", (i, j), shifted[i, j] / sf.sum(shifted[i, k], k))
    assert sf.lambdify(sf.program(ratio)).source.count("finite_max") == 1
