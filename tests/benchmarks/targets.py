"""What the texts of other runtimes take: ratios to the same formula by hand in that library, and C to PyTorch.

One process, one thread, interleaved; medians of ratios. `python tests/benchmarks/targets.py [rows] [columns]`.
"""

import os

os.environ.update(OMP_NUM_THREADS="1", MKL_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

import ctypes
import sys
import time
from functools import partial
from statistics import median

import numpy as np
import torch

import symformer.functions
from symformer.cli.names import SIGNATURES
from symformer.compile import signature_module
from symformer.compile.jobs import forward_job
from symformer.compile.targets.c import built, c_library_module

torch.set_num_threads(1)
ROUNDS = 7
BY_HAND = {
    "softmax": lambda x: torch.softmax(x, -1),
    "log_softmax": lambda x: torch.log_softmax(x, -1),
    "gelu": torch.nn.functional.gelu,
    "silu": torch.nn.functional.silu,
    "sigmoid": torch.sigmoid,
    "layer_norm": lambda x: torch.nn.functional.layer_norm(x, x.shape[-1:]),
    "rms_norm": lambda x: torch.nn.functional.rms_norm(x, x.shape[-1:], eps=1e-5),
}
OPTIONS = {"gelu": [b"none"], "layer_norm": [None, None, ctypes.c_double(1e-5)],
           "rms_norm": [None, ctypes.c_double(1e-5)]}  # fmt: skip


def by_loops(name, x, out):
    """The C function of a name, ready to be called on x."""
    text, (function,) = c_library_module(name, [forward_job(SIGNATURES[name])])
    call = getattr(ctypes.CDLL(str(built(text))), f"{name}_{'float' if x.dtype == np.float32 else 'double'}")
    known = {"n": x.shape[-1], "d": x.shape[-1], "r": len(x)} if len(function.sizes) > 1 else {"r": x.size}
    sizes = [ctypes.c_ssize_t(known[size]) for size in function.sizes]
    arrays = ctypes.c_void_p(x.ctypes.data), ctypes.c_void_p(out.ctypes.data)
    return lambda: call(*sizes, arrays[0], *OPTIONS.get(name, ()), arrays[1])


def ratios(runs):
    """The median times of functions, each round one after the other."""
    found = {name: [] for name in runs}
    for _ in range(ROUNDS):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            found[name].append(time.perf_counter() - start)
    return {name: median(times[1:]) for name, times in found.items()}


def main(rows=4096, columns=1024):
    """Prints a row for each function and dtype."""
    print("of PyTorch's own function:  dtype  C  torch text  NumPy functions  a copy")
    for dtype in (np.float32, np.float64):
        x = np.random.default_rng(0).normal(size=(rows, columns)).astype(dtype)
        out, tensor = np.empty_like(x), torch.from_numpy(x)
        for name, by_hand in BY_HAND.items():
            space = {"__name__": name}
            exec(signature_module(SIGNATURES[name], "torch"), space)
            runs = {
                "torch": partial(by_hand, tensor),
                "C": by_loops(name, x, out),
                "text": partial(space[name], tensor),
            }
            runs |= {"numpy": partial(getattr(symformer.functions, name), x), "copy": partial(np.copyto, out, x)}
            took = ratios(runs)
            shares = "  ".join(f"{key} {took[key] / took['torch']:.2f}" for key in ("C", "text", "numpy", "copy"))
            print(f"{name:12} {np.dtype(dtype).name}  {shares}", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
