"""Rows whose exponentials are tried without a shift: what lets them through, and what sends them back."""

import numpy as np
import numpy_reference
import pytest
from compiled_lines import lines_of
from hypothesis import given
from hypothesis import strategies as st

import symformer as sf
from symformer import functions
from symformer.compile.arrays import InRange, Load
from symformer.compile.passes.columns import by_columns
from symformer.compile.passes.shifts import BLOCKS, tried_without_shift
from symformer.functions import tries

n, m, d = sf.sizes("n m d")
i, j, k, c = sf.indices("i j k c")
X, V = sf.tensor("X", n, m), sf.tensor("V", m, d)


def shifted_softmax(*more):
    """The maximum of rows, exponentials shifted by it, their sum, and what else is asked of the exponentials."""
    s = sf.define("S", (i, j), X[i, j] * 2)
    top = sf.define("top", i, sf.max(s[i, k], k))
    u = sf.define("U", (i, j), sf.exp(s[i, j] - top[i]))
    return lines_of(sf.define("Z", i, sf.sum(u[i, j], j)), *(make(u, top) for make in more))


# The pass. ------------------------------------------------------------------------------------------------------------


def test_a_shift_is_left_out_until_a_sum_asks_for_it():
    lines = tried_without_shift(shifted_softmax())
    flag = f"{BLOCKS}.shifted"
    assert [(line.variable, line.guard.code if line.guard else "") for line in lines] == [
        ("S", ""), ("top", flag), ("S", flag), ("U", ""), ("Z", ""), ("in_range", ""),
    ]  # fmt: skip
    assert lines[3].array.parts == (Load(lines[0].axes, "S"),)
    assert lines[-1].array == InRange((), (Load((i,), "Z"),))


def test_a_shift_that_something_else_reads_stays():
    lines = shifted_softmax(lambda u, top: sf.define("T", i, top[i] + 1))
    assert tried_without_shift(lines) == lines


def test_without_their_sum_exponentials_keep_their_shift():
    *lines, _ = shifted_softmax()
    assert tried_without_shift(lines) == lines


def test_what_looks_looks_at_all_sums_over_columns():
    lines = shifted_softmax(lambda u, top: sf.define("O", (i, c), sf.sum(u[i, j] * V[j, c], j)))
    column = next(line.axes[-1] for line in lines if line.variable == "U")
    kept = [line for line in tried_without_shift(lines) if line.guard is None]
    look = next(line for line in by_columns(kept, column).after if isinstance(line.array, InRange))
    assert look.reads == ["Z", "O"]


# Blocks of rows. ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rows", "row_bytes"), [(0, 8), (5, 0), (1000, 1 << 14), (7, 1 << 22)])
def test_blocks_hold_every_row_once(rows, row_bytes):
    at = [row for part in tries.RowBlocks(rows, row_bytes) for row in range(rows)[part]]
    assert at == list(range(rows))


def test_a_block_comes_again_shifted_and_so_do_all_later_ones():
    given_blocks, seen = tries.Tiles(2000, 4096, 4096, 4), []
    for rows in given_blocks:
        seen.append((rows.start, given_blocks.shifted, len(given_blocks.columns)))
        sums = np.full(3, np.inf if rows.start else 1.0)
        if given_blocks.out_of_range(sums):
            continue
    assert seen[:3] == [(0, False, 16), (1024, False, 16), (1024, True, 1)]
    assert all(shifted and columns == 1 for _, shifted, columns in seen[2:])
    assert [rows.start for rows in given_blocks][0:2] == [0, 256]  # of the next entry of a batch: still shifted


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("sums", "other", "inside"), [
    ([1, 1e3], 1, True), ([1e-6, 1], 1, True), ([0, 1], 1, False), ([1e-60, 1], 1, False), ([1, 1e110], 1, False),
    ([1, np.inf], 1, False), ([1, np.nan], 1, False), ([1, 2], np.nan, False), ([1, 2], -np.inf, False),
])  # fmt: skip
def test_sums_are_let_through_between_two_powers(dtype, sums, other, inside):
    blocks = tries.RowBlocks(2, 8)
    with np.errstate(all="ignore"):
        assert blocks.out_of_range(np.array(sums, dtype), np.array([other], dtype)) is not inside
        assert not blocks.out_of_range(np.array(sums, dtype))  # once shifted, nothing comes again


# Attention. -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("factor", [1.0, 1e3], ids=["without shift", "with shift"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_attention_is_the_same_with_and_without_its_shift(factor, dtype, monkeypatch):
    """Forward and backward, at sizes at which the bound is looked at, in several tiles, with rows that see nothing."""
    monkeypatch.setattr(tries, "FEW", 1 << 11)
    monkeypatch.setattr(tries, "TILE", 1 << 12)
    monkeypatch.setattr(tries, "WIDE", 32)
    rng = np.random.default_rng(0)
    q, k, v, g = (rng.standard_normal((2, 90, 64)).astype(dtype) for _ in range(4))
    q = (factor * q).astype(dtype)
    mask = rng.random((90, 90)) < 0.5
    mask[7] = False
    wanted, slopes = numpy_reference.attention(*(x.astype(float) for x in (q, k, v)), mask), backward(g, q, k, v, mask)
    near = 2e-5 if dtype == "float32" else 1e-11
    np.testing.assert_allclose(functions.attention(q, k, v, mask), wanted, rtol=near, atol=near)
    for got, want in zip(functions.attention_vjp(g, q, k, v, mask), slopes, strict=False):
        np.testing.assert_allclose(got, want, rtol=50 * near, atol=50 * near * max(1, np.abs(want).max()))


def backward(g, q, k, v, mask):
    """The gradients of attention in float64, by the textbook."""
    g, q, k, v = (array.astype(np.float64) for array in (g, q, k, v))
    p = numpy_reference.softmax(np.where(mask, q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1]), -np.inf))
    dp = g @ v.swapaxes(-1, -2)
    ds = p * (dp - (p * dp).sum(-1, keepdims=True)) / np.sqrt(q.shape[-1])
    return ds @ k, ds.swapaxes(-1, -2) @ q, p.swapaxes(-1, -2) @ g


def plain(q, k, v, visible):
    """Attention in float64, shifted by the maximum."""
    q, k, v = (array.astype(np.float64) for array in (q, k, v))
    scores = np.where(visible, q @ k.T / np.sqrt(q.shape[1]), -np.inf)
    u = np.exp(scores - scores.max(axis=1, keepdims=True))
    return u @ v / u.sum(axis=1, keepdims=True)


@given(st.integers(-3, 4), st.integers(-30, 30), st.booleans(), st.integers(0, 2**32 - 1))
def test_scores_and_values_of_any_size_give_what_the_shift_gives(scores, values, is_causal, seed):
    """Scores from 1e-3 to 1e4: far below the range, at its ends and above; values whose sums would overflow."""
    rng = np.random.default_rng(seed)
    q, k, v = (rng.standard_normal((6, 4)).astype(np.float32) for _ in range(3))
    q, v = (q * np.float32(10.0**scores)).astype(np.float32), (v * np.float32(10.0**values)).astype(np.float32)
    want = plain(q, k, v, np.tri(6, dtype=bool) if is_causal else np.ones((6, 6), bool))
    got = functions.attention(q, k, v, is_causal=is_causal)
    near = 1e-5 * max(1, 10.0**scores)  # a score is rounded to so much
    np.testing.assert_allclose(got, want, rtol=0, atol=near * np.abs(v).max())


def test_without_the_look_large_scores_overflow(monkeypatch):
    """The look bites: with nothing out of range, the same call gives no numbers."""
    q = 100 * np.random.default_rng(0).standard_normal((6, 4)).astype(np.float32)
    assert np.isfinite(functions.attention(q, q, q)).all()
    monkeypatch.setattr(tries, "_in_range", lambda divisors, others: True)
    assert not np.isfinite(functions.attention(q, q, q)).all()


EDGES = {"float32": (-13.0, 28.0), "float64": (-110.0, 230.0)}  # scores whose sums are just inside the range


@pytest.mark.parametrize("end", [0, 1], ids=["lower", "upper"])
@pytest.mark.parametrize("power", [0.0, 0.9, -0.9], ids=["ordinary", "huge", "tiny"])
@pytest.mark.parametrize("dtype", EDGES)
def test_values_and_cotangents_of_any_size_keep_their_digits_at_the_ends_of_the_range(dtype, power, end):
    """Divided by a sum, or times an exponential, they would leave the numbers of the dtype."""
    rng = np.random.default_rng(0)
    q, k, v, g = rng.standard_normal((4, 5, 4))
    q[:, 0], k[:, 0] = EDGES[dtype][end], 1
    size = float(np.finfo(dtype).max) ** power
    wide, eps = np.longdouble, np.finfo(dtype).eps
    for values, cotangents in ((size, 1.0), (1.0, size)):
        given_arrays = [array.astype(dtype) for array in (g * cotangents, q, k, v * values)]
        slope, queries, keys, rows = (array.astype(wide) for array in given_arrays)
        p = np.exp(queries @ keys.T)
        p /= p.sum(axis=1, keepdims=True)
        dp = slope @ rows.T
        ds = p * (dp - (p * dp).sum(axis=1, keepdims=True))
        got = functions.attention(*given_arrays[1:], scale=1)
        found = (got, *functions.attention_vjp(*given_arrays, scale=1)[:3])
        for one, want in zip(found, (p @ rows, ds @ keys, ds.T @ queries, p.T @ slope), strict=True):
            assert np.abs(one - want).max() <= 2000 * abs(EDGES[dtype][end]) * eps * np.abs(want).max()
