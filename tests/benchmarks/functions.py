"""Prints how fast the generated functions are and what memory they take, next to careful NumPy and to PyTorch.

`python tests/benchmarks/functions.py [speed] [memory [full]] [calls]` (all without arguments; some minutes;
`accuracy.py` and `accuracy_backward.py` print errors in ulp). One process and one thread; rounds are interleaved, and
the least of seven counts, in time of the processor.
"""

from __future__ import annotations

import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import subprocess
import sys
import time
from functools import partial

import careful
import numpy as np
import torch
from torch.nn import functional

from symformer import functions

torch.set_num_threads(1)
ROUNDS = 7


def side_by_side(*runs):
    """The least time of each, in milliseconds; rounds go to and fro, so that nobody always comes after the same one."""
    for run in runs:
        run()
    best = [float("inf")] * len(runs)
    places = range(len(runs))
    for number in range(ROUNDS):
        for place in reversed(places) if number % 2 else places:
            start = time.process_time()
            runs[place]()
            best[place] = min(best[place], time.process_time() - start)
    return [1000 * seconds for seconds in best]


def report(name, ours, expert, torchs):
    """One line: times and ratios."""
    mine, other, theirs = side_by_side(ours, expert, torchs)
    print(f"{name:56s} {mine:9.2f} ms   careful {other:9.2f} ({mine / other:5.2f})   torch {theirs:9.2f} "
          f"({mine / theirs:5.2f})", flush=True)  # fmt: skip


def numbers(*shape, dtype=np.float32, seed=0):
    """Normal numbers."""
    return np.random.default_rng(seed + sum(shape)).standard_normal(shape).astype(dtype)


def autograd(function, cotangent, *arrays):
    """PyTorch's forward and backward pass as a function without arguments."""
    tensors = [torch.from_numpy(array).requires_grad_() for array in arrays]
    slope = torch.from_numpy(cotangent)

    def run():
        out = function(*tensors)
        return torch.autograd.grad(out, tensors, slope.reshape(out.shape))

    return run


def fused(q, k, v):
    """PyTorch's fused kernel, which wants a batch and a head."""
    return functional.scaled_dot_product_attention(q[None, None], k[None, None], v[None, None])[0, 0]


def attention_speed():
    """Forward, and forward with backward."""
    for dtype in (np.float32, np.float64):
        for n in (256, 1024, 4096):
            q, k, v, g = (numbers(n, 64, dtype=dtype, seed=seed) for seed in range(4))
            inputs = [torch.from_numpy(array) for array in (q, k, v)]
            report(f"attention n={n} {dtype.__name__}", partial(functions.attention, q, k, v),
                   partial(careful.attention, q, k, v), partial(fused, *inputs))  # fmt: skip

            def both(q=q, k=k, v=v, g=g):
                return functions.attention(q, k, v), functions.attention_vjp(g, q, k, v)

            report(f"attention and vjp n={n} {dtype.__name__}", both,
                   partial(careful.attention_both, g, q, k, v), autograd(fused, g, q, k, v))  # fmt: skip
            report(f"the same, careful without p kept n={n} {dtype.__name__}", both,
                   lambda q=q, k=k, v=v, g=g: (careful.attention(q, k, v), careful.attention_vjp(g, q, k, v)),
                   autograd(fused, g, q, k, v))  # fmt: skip


def rows_speed():
    """Functions of rows, forward and backward, on (4096, 1024)."""
    x, g, w, b = numbers(4096, 1024), numbers(4096, 1024, seed=9), numbers(1024), numbers(1024, seed=1)
    norm = partial(functional.layer_norm, normalized_shape=(1024,))
    cases = {
        "softmax": ((x,), lambda t: functional.softmax(t, -1)),
        "log_softmax": ((x,), lambda t: functional.log_softmax(t, -1)),
        "layer_norm": ((x, w, b), lambda t, u, c: norm(t, weight=u, bias=c)),
        "rms_norm": ((x, w), lambda t, u: functional.rms_norm(t, (1024,), u, 1e-5)),
        "gelu": ((x,), functional.gelu),
        "silu": ((x,), functional.silu),
    }
    for name, (inputs, theirs) in cases.items():
        tensors = [torch.from_numpy(array) for array in inputs]
        report(name, partial(getattr(functions, name), *inputs), partial(getattr(careful, name), *inputs),
               partial(theirs, *tensors))  # fmt: skip
        report(f"{name}_vjp", partial(getattr(functions, f"{name}_vjp"), g, *inputs),
               partial(getattr(careful, f"{name}_vjp"), g, *inputs), autograd(theirs, g, *inputs))  # fmt: skip
    loss_speed(x)
    gated_speed(1024, 128)
    gated_speed(128, 1024)


def loss_speed(x):
    """Cross-entropy of classes."""
    targets, one = np.random.default_rng(0).integers(0, 1024, 4096), np.ones((), np.float32)
    classes = torch.from_numpy(targets)
    theirs = partial(functional.cross_entropy, target=classes)
    report("cross_entropy", partial(functions.cross_entropy, x, targets), partial(careful.cross_entropy, x, targets),
           partial(theirs, torch.from_numpy(x)))  # fmt: skip
    report("cross_entropy_vjp", partial(functions.cross_entropy_vjp, one, x, targets),
           partial(careful.cross_entropy_vjp, one, x, targets), autograd(theirs, one, x))  # fmt: skip


def gated_speed(d, d_ff):
    """SwiGLU on 4096 rows; `floor` is the time of its products alone, which no NumPy can pass."""
    x, g = numbers(4096, d), numbers(4096, d, seed=9)
    weights = numbers(d, d_ff), numbers(d, d_ff, seed=1), numbers(d_ff, d, seed=2)
    hidden = numbers(4096, d_ff)

    def theirs(t, a, b, c):
        return (functional.silu(t @ a) * (t @ b)) @ c

    def products():
        return x @ weights[0], x @ weights[1], hidden @ weights[2]

    tensors = [torch.from_numpy(array) for array in (x, *weights)]
    report(f"swiglu, {d} to {d_ff}", partial(functions.swiglu, x, *weights), partial(careful.swiglu, x, *weights),
           partial(theirs, *tensors))  # fmt: skip
    floor, other = side_by_side(products, partial(careful.swiglu, x, *weights))
    print(f"its products alone: {floor:.2f} ms, {floor / other:.2f} of careful")
    report(f"swiglu_vjp, {d} to {d_ff}", partial(functions.swiglu_vjp, g, x, *weights),
           partial(careful.swiglu_vjp, g, x, *weights), autograd(theirs, g, x, *weights))  # fmt: skip


def speed():
    """All ratios."""
    attention_speed()
    rows_speed()


MEMORY = """
import sys, tracemalloc
import numpy as np
from symformer.functions import attention, attention_vjp
n = 65536
q, k, v, g = (np.random.default_rng(s).standard_normal((n, 64), dtype=np.float32) for s in range(4))
rows = int(sys.argv[1])
tracemalloc.start()
out = attention(q[:rows], k, v)
forward = (tracemalloc.get_traced_memory()[1] - out.nbytes) / 2**20
tracemalloc.reset_peak()
gradients = attention_vjp(g[:rows], q[:rows], k, v)
both = (tracemalloc.get_traced_memory()[1] - out.nbytes - sum(x.nbytes for x in gradients if x is not None)) / 2**20
print(f"n = {n}, {rows} rows of queries, d = 64, float32: {forward:.0f} MB above inputs and outputs forward, "
      f"{both:.0f} MB with backward")
"""


def memory():
    """Peak memory at n = 65,536, in a process of its own; blocks come one after another, so that 1,024 rows show it."""
    subprocess.run([sys.executable, "-c", MEMORY, "65536" if "full" in sys.argv else "1024"], check=True)


def calls():
    """A whole call at 4x4."""
    q = numbers(4, 4)

    def plain():
        s = q @ q.T / 2
        u = np.exp(s - s.max(-1, keepdims=True))
        return (u / u.sum(-1, keepdims=True)) @ q

    for name, run in (("attention", partial(functions.attention, q, q, q)), ("plain NumPy", plain),
                      ("softmax", partial(functions.softmax, q)),
                      ("attention_vjp", partial(functions.attention_vjp, q, q, q, q))):  # fmt: skip
        best = min(_seconds(run) for _ in range(ROUNDS))
        print(f"{name} 4x4: {1e6 * best:.1f} µs a call")


def _seconds(run, times=2000):
    start = time.process_time()
    for _ in range(times):
        run()
    return (time.process_time() - start) / times


if __name__ == "__main__":
    for part in (speed, memory, calls):
        if len(sys.argv) == 1 or part.__name__ in sys.argv:
            part()
