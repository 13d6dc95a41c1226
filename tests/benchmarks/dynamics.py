"""Prints what particle dynamics promises: speeds as ratios measured side by side, and theorems as experiments.

`python tests/benchmarks/dynamics.py [step|sweep|clusters]` (a few minutes in all; one thread for NumPy).

Almost every run becomes one point in the end (GLPR, Theorem 6.1: d ≥ 3, any β ≥ 0), but not by t = 60. Of 200 runs from
uniform tokens with d = 3, so many are one cluster (all cosines above 0.999) at t = 60, by SciPy's DOP853 and code that
shares nothing with ours (rtol 1e-7; n = 128: of 40 runs; clusters linked token by token: at most 5 more):

    SA       β = 1     2     3     4         USA      β = 1     2     3     4
    n = 2      200   200   177   153         n = 2      200   200   200   199
    n = 4      200   199   161   107         n = 4      200   200   200   190
    n = 8      200   199   153    63         n = 8      200   200   200   190
    n = 16     200   199   132    32         n = 16     200   200   200   179
    n = 32     200   199   108    24         n = 32     200   200   200   173
    n = 128     40    40    19     2         n = 128     40    40    40    34
"""

import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np

from symformer.dynamics import Grid, advance, attention_flow, sweep, uniform
from symformer.dynamics.observe import labels_of

ROWS = 64  # rows at once in the careful version: the best of 16 to 256 here


def careful_sa(x, beta):
    """The velocity of SA, as an expert writes it: blocks of rows in one buffer that stays in the cache."""
    out, (runs, n, _) = np.empty_like(x), x.shape
    buffer = np.empty((ROWS, n))
    for run in range(runs):
        y = x[run]
        across = np.ascontiguousarray(y.T)
        for start in range(0, n, ROWS):
            rows = y[start : start + ROWS]
            u = buffer[: len(rows)]
            np.matmul(rows * beta, across, out=u)
            np.exp(u, out=u)
            read = u @ y
            read /= u.sum(axis=1)[:, None]
            read -= np.einsum("ic,ic->i", rows, read)[:, None] * rows
            out[run, start : start + ROWS] = read
    return out


def careful_step(x, beta, step):
    """One step of Euler, renormalised."""
    moved = x + step * careful_sa(x, beta)
    return moved / np.linalg.norm(moved, axis=-1, keepdims=True)


def step(rounds=7):
    """One SA step of 64 runs of 2048 tokens."""
    x, flow = uniform(64, 2048, 3), attention_flow(4.0)
    ours, theirs = (lambda: advance(flow, 0.0, x, 0.1, "euler")), (lambda: careful_step(x, 4.0, 0.1))
    print("largest difference", np.abs(ours() - theirs()).max())
    best = [np.inf, np.inf]
    for _ in range(rounds):
        for place, act in enumerate((ours, theirs)):
            start = time.perf_counter()
            act()
            best[place] = min(best[place], time.perf_counter() - start)
    print(f"one SA step, n = 2048, d = 3, 64 runs: {best[0]:.3f} s, careful NumPy {best[1]:.3f} s, "
          f"ratio {best[0] / best[1]:.2f}")  # fmt: skip


def counted(steps):
    """A loop that does nothing but count."""
    return sum(range(steps))


def sweep_speed():
    """The same grid by one process and by two, started before the clock, beside what counting gains by two.

    Where counting gains less than 1.9, other work has part of the processors, and the bar of 1.7 cannot be measured.
    """
    grid = Grid(tuple(np.linspace(0.5, 9, 12)), tuple(range(0, 21, 2)), (2, 32, 512), n=32, runs=16)
    seconds, plain = [], []
    for workers in (1, 2):
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            sweep(Grid((1.0, 2.0), (0.0, 0.1), (2,), n=32, runs=128), executor=pool)
            start = time.perf_counter()
            sweep(grid, executor=pool)
            seconds.append(time.perf_counter() - start)
            start = time.perf_counter()
            list(pool.map(counted, [20_000_000] * 8))
            plain.append(time.perf_counter() - start)
    print(f"sweep of {len(grid.pieces())} pieces: {seconds[0]:.1f} s by one process, {seconds[1]:.1f} s by two, "
          f"ratio {seconds[0] / seconds[1]:.2f}; counting gains {plain[0] / plain[1]:.2f}")  # fmt: skip


def clusters():
    """d = 3: how many of 200 runs are one cluster by t = 60, and when all are."""
    for n in (8, 32):
        for beta in (1.0, 2.0, 3.0, 4.0):
            for normalised in (True, False):
                print(f"d = 3, n = {n}, β = {beta:g}, {'SA' if normalised else 'USA'}:", *merging(n, beta, normalised))


def merging(n, beta, normalised, limit=240.0):
    """In words: runs that are one cluster by t = 60, and the time by which all are."""
    flow, x = attention_flow(beta, normalised=normalised), uniform(200, n, 3, seed=1)
    t, by_60, chunk = 0.0, 0, 10.0
    while len(x) and t < limit:
        steps = int(np.ceil(chunk / flow.step))
        for _ in range(steps):
            x = advance(flow, t, x, chunk / steps)
        t += chunk
        labels = labels_of(x @ x.mT >= 1 - 1e-3)
        x = x[(labels != 0).any(axis=-1)]
        by_60 = 200 - len(x) if t == 60.0 else by_60
        if not len(x):
            return [f"all 200 in one cluster by t = {t:g}"]
    return [f"{by_60} of 200 in one cluster by t = 60, {200 - len(x)} by t = {limit:g}"]


PARTS = {"step": step, "sweep": sweep_speed, "clusters": clusters}

if __name__ == "__main__":
    for name in sys.argv[1:] or PARTS:
        PARTS[name]()
