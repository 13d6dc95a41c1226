"""Prints what the compiled kernels promise: masks that are skipped, users' formulas beside ops and NumPy by hand.

`python tests/benchmarks/kernels.py [masks] [own] [formulas] [compiling] [calls] [memory]` (all without arguments; some
minutes). One process, one thread; rounds are interleaved, and the least of seven counts, in time of the processor. A
line ends in the bar that it should meet. It says which kernels NumPy's BLAS runs.
"""

from __future__ import annotations

import os
import sys
import time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
os.environ.pop("OPENBLAS_CORETYPE", None)  # one that does not suit the machine slows NumPy down

import ctypes
import tracemalloc
from functools import partial
from pathlib import Path

import by_hand
import numpy as np
import torch
from torch.nn import functional
from users_formulas import FORMULAS, attention, gated_attention

import symformer as sf
from symformer import functions

torch.set_num_threads(1)
ROUNDS = 7


def blas_kernel():
    """The name of the kernels that NumPy's OpenBLAS chose for this processor, where it is one."""
    folder = Path(np.__file__).parent.parent / "numpy.libs"
    for path in folder.glob("*openblas*"):
        library = ctypes.CDLL(str(path))
        for name in ("scipy_openblas_get_corename64_", "openblas_get_corename64_", "openblas_get_corename"):
            if hasattr(library, name):
                corename = getattr(library, name)
                corename.restype = ctypes.c_char_p
                return corename().decode()
    return "unknown"


def least(*runs):
    """The least time of each, in milliseconds; rounds go to and fro, so that nobody always comes after the same one."""
    for run in runs:
        run()
    best = [float("inf")] * len(runs)
    for number in range(ROUNDS):
        for place in sorted(range(len(runs)), reverse=number % 2 == 1):
            start = time.process_time()
            runs[place]()
            best[place] = min(best[place], time.process_time() - start)
    return [1000 * seconds for seconds in best]


def ratio(words, mine, other, bar):
    """One line: two times, their ratio, and the bar."""
    mark = "" if mine / other <= bar else "   OVER"
    print(f"{words:66s} {mine:9.3f} ms / {other:9.3f} ms = {mine / other:5.2f}   bar {bar:.2f}{mark}", flush=True)


def numbers(*shape, dtype=np.float32, seed=0):
    """Normal numbers."""
    return np.random.default_rng(seed + sum(shape)).standard_normal(shape).astype(dtype)


def fused(q, k, v, causal=False):
    """PyTorch's fused kernel, which wants a batch and heads."""
    lead = (None,) * (4 - q.ndim)
    return functional.scaled_dot_product_attention(q[lead], k[lead], v[lead], is_causal=causal)


def autograd(q, k, v, g, causal):
    """PyTorch's forward and backward pass."""
    tensors = [torch.from_numpy(array).requires_grad_() for array in (q, k, v)]
    cotangent = torch.from_numpy(g)

    def run():
        out = fused(*tensors, causal)
        return torch.autograd.grad(out, tensors, cotangent.reshape(out.shape))

    return run


def bare(q, k, v, causal=False):
    """The products and exponentials of attention in the tiles of the op, and nothing else: no kernel is faster."""
    n, width = len(q), 256
    step = 256 if causal else (1 << 20) // (width * q.itemsize)
    scores, out = np.empty((step, width), q.dtype), np.empty((step, v.shape[1]), q.dtype)

    def run():
        for row in range(0, n, step):
            rows = q[row : row + step]
            for column in range(0, row + step if causal else n, width):
                s = np.matmul(rows, k[column : column + width].T, out=scores[: len(rows)])
                np.exp(s, out=s)
                np.matmul(s, v[column : column + width], out=out[: len(rows)])

    return run


def masks():
    """Attention with and without masks, forward and backward."""
    for shape in ((4096, 64), (8, 1024, 64)):
        q, k, v, g = (numbers(*shape, seed=seed) / 2 for seed in range(4))
        given = [torch.from_numpy(array) for array in (q, k, v)]
        options = ({}, {"is_causal": True}, {"is_causal": True, "window": 256})
        runs = [partial(functions.attention, q, k, v, **one) for one in options]
        runs += [partial(fused, *given), partial(fused, *given, True)]
        full, causal, window, theirs, theirs_causal = least(*runs)
        ratio(f"{shape} full / torch", full, theirs, 0.65)
        ratio(f"{shape} causal / full", causal, full, 0.6)
        ratio(f"{shape} causal / torch", causal, theirs_causal, 0.8 if len(shape) == 2 else 0.9)
        ratio(f"{shape} window 256 / full", window, full, 0.2 if len(shape) == 2 else 1)
        if len(shape) == 2:
            floor, floor_causal = least(bare(q, k, v), bare(q, k, v, True))
            ratio(f"{shape} full / bare products and exponentials", full, floor, 1.2)
            ratio(f"{shape} causal / bare products and exponentials", causal, floor_causal, 1.3)
        runs = [partial(functions.attention_vjp, g, q, k, v, **one) for one in options]
        full, causal, window, theirs, theirs_causal = least(
            *runs, autograd(q, k, v, g, False), autograd(q, k, v, g, True)
        )
        ratio(f"{shape} backward, full / torch with forward", full, theirs, 0.5)
        ratio(f"{shape} backward, causal / full", causal, full, 0.7)
        ratio(f"{shape} backward, causal / torch with forward", causal, theirs_causal, 0.8)
        ratio(f"{shape} backward, window 256 / full", window, full, 0.2 if len(shape) == 2 else 1)


def peak(run):
    """The most memory above the results, in MB."""
    run()
    tracemalloc.start()
    out = run()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    kept = out if isinstance(out, tuple) else (out,)
    return (most - sum(one.nbytes for one in kept if one is not None)) / 2**20


def own():
    """A user's attention and its gradient, through `lambdify`, beside the op."""
    for n in (1024, 4096):
        q, k, v, g = (numbers(n, 64, seed=seed) / 2 for seed in range(4))
        for causal in (False, True):
            program = attention(causal)
            mine, gradient = sf.lambdify(program, check=False), sf.gradient(program, wrt=("Q", "K", "V"))
            backward = sf.lambdify(gradient, check=False)
            named = {"Q": q, "K": k, "V": v, "dO": g}
            order = [named[one.name] for one in gradient.inputs]
            op = partial(functions.attention, q, k, v, is_causal=causal)
            op_vjp = partial(functions.attention_vjp, g, q, k, v, is_causal=causal)
            pairs = (partial(mine, q, k, v), op), (partial(backward, *order), op_vjp)
            for word, (run, op) in zip(("forward", "backward"), pairs, strict=True):
                words = f"own attention, n = {n}, {'causal' if causal else 'full'}, {word} / op"
                ratio(words, *least(run, op), 1.05)
                ratio(f"{words}: memory in MB", 0.1 + peak(run), 0.1 + peak(op), 1.2)
        gated_beside_the_op(n, q, k, v, g)


def gated_beside_the_op(n, q, k, v, g):
    """The same with a bias and a gate, beside the op and a gate by hand."""
    bias, gate = numbers(n, n, seed=7), numbers(n, 64, seed=8)
    named = {"Q": q, "K": k, "V": v, "B": bias, "G": gate, "dY": g}
    forward = sf.program(gated_attention())
    mine = partial(sf.lambdify(forward, check=False), *(named[one.name] for one in forward.inputs))

    def by_op():
        return functions.attention(q, k, v, bias) / (1 + np.exp(-gate))

    ratio(f"own attention with bias and gate, n = {n} / op and a gate by hand",
          *least(mine, by_op), 1.05)  # fmt: skip
    gradient = sf.gradient(gated_attention(), wrt=("Q", "K", "V"))
    backward = partial(sf.lambdify(gradient, check=False), *(named[one.name] for one in gradient.inputs))
    ratio(f"its gradient, n = {n} / op's, and a gate's by hand",
          *least(backward, lambda: functions.attention_vjp(g / (1 + np.exp(-gate)), q, k, v, bias)), 1.05)  # fmt: skip


def formulas():
    """Formulas of users beside NumPy by hand, forward."""
    for name, (program, draw, hand, bar) in FORMULAS.items():
        arrays = draw(np.random.default_rng(0))
        function = sf.lambdify(program(), check=False)
        wanted, found = getattr(by_hand, hand)(*arrays), function(*arrays)
        np.testing.assert_allclose(found, wanted, rtol=3e-3, atol=3e-3)
        ratio(name, *least(partial(function, *arrays), partial(getattr(by_hand, hand), *arrays)), bar)


def seconds(run):
    """How long one run takes, of the processor."""
    start = time.process_time()
    run()
    return time.process_time() - start


def compiling():
    """How long compiling takes."""
    n, i = sf.sizes("n"), sf.indices("i")
    last = sf.tensor("x", n)
    for place in range(2000):
        last = sf.define(f"y{place}", i, last[i] * 0.5 + 1)
    ratio("a chain of 2,000 definitions", 1000 * seconds(lambda: sf.lambdify(last, check=False)), 1000, 5)
    body = sf.tensor("x", n)[i]
    for _ in range(50):
        body = sf.exp(-body)
    deep = sf.define("y", i, body)
    ratio("exp(-exp(-...)) at depth 50", 1000 * seconds(lambda: sf.lambdify(deep, check=False)), 1000, 1)
    program = attention(False)
    sf.lambdify(program, check=False)
    best = min(seconds(lambda: sf.lambdify(attention(False), check=False)) for _ in range(ROUNDS))
    ratio("lambdify of attention without a check / 30 ms", 1000 * best, 30, 1)


def calls():
    """A whole call at 4 x 4."""
    q = numbers(4, 4)
    mine = sf.lambdify(attention(False), check=False)
    for name, run in (("attention", partial(functions.attention, q, q, q)), ("own attention", partial(mine, q, q, q))):
        best = min(seconds(lambda run=run: [run() for _ in range(2000)]) / 2000 for _ in range(ROUNDS))
        ratio(f"{name} 4x4 / 25 µs", 1000 * best, 0.025, 1)


def memory():
    """What a user's attention at n = 16,384 takes beside inputs and outputs."""
    q, k, v, g = (numbers(16384, 64, seed=seed) / 2 for seed in range(4))
    for causal in (False, True):
        program = attention(causal)
        gradient = sf.gradient(program, wrt=("Q", "K", "V"))
        named = {"Q": q, "K": k, "V": v, "dO": g}
        order = [named[one.name] for one in gradient.inputs]
        words = "causal" if causal else "full"
        ratio(f"own attention, n = 16384, {words}: MB / 100 MB", peak(partial(sf.lambdify(program), q, k, v)), 100, 1)
        ratio(f"and its gradient, {words}: MB / 100 MB", peak(partial(sf.lambdify(gradient), *order)), 100, 1)


if __name__ == "__main__":
    print(f"NumPy {np.__version__} with kernels for {blas_kernel()}, PyTorch {torch.__version__}; one thread")
    for part in (masks, own, formulas, compiling, calls, memory):
        if len(sys.argv) == 1 or part.__name__ in sys.argv:
            part()
