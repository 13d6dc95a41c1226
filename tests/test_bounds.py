"""Columns that a relation hides are not computed: the same numbers as a mask over everything, whatever the tiles."""

import numpy as np
import pytest

from symformer.compile.arrays import Contract, Count, Load, Map, Number, Reduce
from symformer.compile.lines import Line
from symformer.compile.passes.bounds import bounds
from symformer.functions import attention, attention_vjp, tries
from symformer.notation import indices

I, J, C = indices("i j c")


@pytest.fixture
def tiny_tiles(monkeypatch):
    """Sets tiles of a few rows and columns."""

    def set_tiles(random):
        step, width = int(random.integers(1, 20)), int(random.integers(1, 20))
        monkeypatch.setattr(tries, "FEW", int(random.choice([0, 1 << 19])))
        monkeypatch.setattr(tries, "BAND", int(random.integers(2, 20)))
        monkeypatch.setattr(tries, "WIDE", width)
        monkeypatch.setattr(tries, "TILE", width * 8 * step)
        monkeypatch.setattr(tries, "product_step", lambda rows, row_bytes: step)

    return set_tiles


def _drawn(random):
    n, m = random.integers(1, 60, 2)
    q, k, v, cotangent = (random.standard_normal((size, 3)) for size in (n, m, m, n))
    scale = random.choice([0.5, 30.0, 300.0])
    options = {"is_causal": bool(random.random() < 0.7), "offset": int(random.integers(-60, 60))}
    if random.random() < 0.6:
        options["window"] = int(random.integers(-3, 60))
    mask = None
    if random.random() < 0.5:
        mask = random.random((n, m)) < 0.6 if random.random() < 0.5 else random.standard_normal((n, m))
    return (q * scale, k, v, cotangent), mask, options


def _everything(q, k, v, cotangent, mask, is_causal, offset, window=None):
    """Attention and its gradients with all scores and all masks."""
    i, j = np.arange(len(q))[:, None], np.arange(len(k))
    seen = np.ones((len(q), len(k)), bool)
    seen &= (j <= i + offset) if is_causal else True
    seen &= (j > i + offset - window) if window is not None else True
    scores = q @ k.T / np.sqrt(q.shape[-1])
    if mask is not None and mask.dtype == bool:
        seen &= mask
    elif mask is not None:
        scores = scores + mask
    scores = np.where(seen, scores, -np.inf)
    top = np.max(scores, axis=-1, keepdims=True, initial=-1e300)
    u = np.exp(scores - top)
    total = u.sum(axis=-1, keepdims=True)
    p = u / np.where(total == 0, 1, total)
    dp = cotangent @ v.T
    ds = p * (dp - (p * dp).sum(axis=-1, keepdims=True))
    scale = 1 / np.sqrt(q.shape[-1])
    bias = ds if mask is not None and mask.dtype != bool else None
    return p @ v, ds @ k * scale, ds.T @ q * scale, p.T @ cotangent, bias


@pytest.mark.parametrize("seed", range(20))
def test_blocks_of_columns_change_no_number(seed, tiny_tiles):
    random = np.random.default_rng(seed)
    for _ in range(10):
        tiny_tiles(random)
        (q, k, v, cotangent), mask, options = _drawn(random)
        exact = _everything(q, k, v, cotangent, mask, **options)
        found = attention(q, k, v, mask, **options), *attention_vjp(cotangent, q, k, v, mask, **options)
        for one, other in zip(found, exact, strict=True):
            if other is None:
                assert one is None
            else:
                np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9 * np.abs(other).max(initial=1))


def _count(letter, size):
    return Count((letter,), size)


@pytest.mark.parametrize(
    ("name", "left", "right", "by", "low"),
    [
        ("less_equal", _count(J, "m"), _count(I, "n"), "0", False),
        ("less", _count(J, "m"), _count(I, "n"), "(0 - 1)", False),
        ("greater_equal", _count(I, "n"), _count(J, "m"), "0", False),
        ("greater", _count(J, "m"), _count(I, "n"), "0", True),
        ("less_equal", _count(I, "n"), _count(J, "m"), "(0 - 1)", True),
        ("less_equal", _count(J, "m"), Map((I,), "add", (_count(I, "n"), Number((), "a"))), "a", False),
    ],
)
def test_a_relation_is_read_as_a_bound(name, left, right, by, low):
    (found,) = bounds(_softmax_lines(Map((I, J), name, (left, right))), I, J, ("O",))
    assert (found.by, found.low) == (by, low)


def test_a_sum_that_sees_what_is_hidden_forbids_it():
    mask = Map((I, J), "less_equal", (_count(J, "m"), _count(I, "n")))
    lines = _softmax_lines(mask)
    scores = Load((I, J), "S")
    sums = Line("T", (I,), Reduce((I,), "sum", scores, J, "m"), "")
    assert not bounds([*lines, sums], I, J, ("O", "T"))
    assert not bounds(lines, I, J, ("O", "S"))
    diagonal = Map((I, J), "less_equal", (_count(J, "m"), Map((I,), "multiply", (_count(I, "n"), Number((), "2")))))
    assert not bounds(_softmax_lines(diagonal), I, J, ("O",))


def _softmax_lines(mask):
    """S = hide(q k | mask), u = exp(S), O = Σ_j u v."""
    product = Contract((I, J), (Load((I, C), "q"), Load((J, C), "k")), (C,))
    exponentials = Map((I, J), "exp", (Load((I, J), "S"),))
    mean = Contract((I, C), (Load((I, J), "u"), Load((J, C), "v")), (J,))
    return [
        Line("S", (I, J), Map((I, J), "hide", (product, mask)), ""),
        Line("u", (I, J), exponentials, ""),
        Line("O", (I, C), mean, ""),
    ]
