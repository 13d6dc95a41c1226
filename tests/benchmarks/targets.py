"""What native functions and the texts of other runtimes take: ratios to PyTorch's own functions, in one process.

One thread, interleaved, the least of several rounds. `python tests/benchmarks/targets.py [rows] [columns] [NAME ...]`;
with names those alone. `threads` as a name prints what two threads gain, `first` the first call with its compilation.
"""

import os

os.environ.update(OMP_NUM_THREADS="1", MKL_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

import sys
import tempfile
import time
from functools import partial

import numpy as np
import torch

import symformer.functions
import symformer.native
from symformer.cli.names import SIGNATURES
from symformer.compile import signature_module

torch.set_num_threads(1)
ROUNDS = 15
F = torch.nn.functional
BY_HAND = {
    "softmax": lambda x: torch.softmax(x, -1),
    "log_softmax": lambda x: torch.log_softmax(x, -1),
    "gelu": F.gelu,
    "gelu tanh": lambda x: F.gelu(x, approximate="tanh"),
    "silu": F.silu,
    "sigmoid": torch.sigmoid,
    "softplus": F.softplus,
    "layer_norm": lambda x: F.layer_norm(x, x.shape[-1:]),
    "rms_norm": lambda x: F.rms_norm(x, x.shape[-1:], eps=1e-5),
    "cross_entropy": lambda x: F.cross_entropy(x, torch.arange(len(x)) % x.shape[-1]),
}


def least(runs):
    """The least times of functions, each round one after the other."""
    found = dict.fromkeys(runs, np.inf)
    for _ in range(ROUNDS):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            found[name] = min(found[name], time.perf_counter() - start)
    return found


def ours(name, x, module):
    """A function of ours, and its backward function at a cotangent, ready to be called on x."""
    base, options = name.split()[0], {"approximate": "tanh"} if " " in name else {}
    arrays = (x, np.arange(len(x)) % x.shape[-1]) if base == "cross_entropy" else (x,)
    cotangent = 1.0 if base == "cross_entropy" else x
    forward = partial(getattr(module, base), *arrays, **options)
    return forward, partial(getattr(module, f"{base}_vjp"), cotangent, *arrays, **options)


def backward(by_hand, x):
    """PyTorch's forward and backward pass together, since it keeps what its backward pass needs."""
    given = x.detach().requires_grad_()

    def run():
        result = by_hand(given)
        torch.autograd.grad(result, given, x if result.shape == x.shape else None)

    return run


def text(name):
    """The function of the torch target."""
    space = {"__name__": name}
    exec(signature_module(SIGNATURES[name], "torch"), space)
    return space[name]


def main(rows=4096, columns=1024, names=()):
    """Prints a row for each function and dtype."""
    print(
        "of PyTorch's own function: native  torch text  NumPy functions  a copy | vjp: native to PyTorch's both passes"
    )
    for dtype in (np.float32, np.float64):
        x = np.random.default_rng(0).normal(size=(rows, columns)).astype(dtype)
        out, tensor = np.empty_like(x), torch.from_numpy(x)
        for name in names or BY_HAND:
            forward, vjp = ours(name, x, symformer.native)
            runs = {"torch": partial(BY_HAND[name], tensor), "native": forward, "copy": partial(np.copyto, out, x)}
            runs["numpy"] = ours(name, x, symformer.functions)[0]
            if name in SIGNATURES and name != "cross_entropy":
                runs["text"] = partial(text(name), tensor)
            runs |= {"both": backward(BY_HAND[name], tensor), "vjp": vjp}
            took = least(runs)
            shown = [
                f"{key} {took[key] / took['torch']:.2f}" for key in ("native", "text", "numpy", "copy") if key in took
            ]
            print(
                f"{name:13} {np.dtype(dtype).name}  {'  '.join(shown)}  | {took['vjp'] / took['both']:.2f}", flush=True
            )


def threads(rows, columns):
    """What two threads gain over one."""
    x = np.random.default_rng(0).normal(size=(rows, columns)).astype(np.float32)
    for name in ("gelu", "softmax"):
        took = {}
        for count in ("1", "2"):
            os.environ["OMP_NUM_THREADS"] = count
            took[count] = least({"run": partial(getattr(symformer.native, name), x)})["run"]
        print(f"{name}: two threads {took['1'] / took['2']:.2f} of one")


def first():
    """The first call of each function in an empty cache: compiled and run."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SYMFORMER_CACHE"] = folder
        for name in ("softmax", "gelu", "layer_norm", "cross_entropy"):
            forward, _ = ours(name, np.ones((4, 8), np.float32), symformer.native)
            start = time.process_time() + sum(os.times()[2:4])
            forward()
            took = time.process_time() + sum(os.times()[2:4]) - start
            print(f"{name}: first call {took:.2f} s of CPU, then {least({'run': forward})['run'] * 1e6:.0f} µs")


if __name__ == "__main__":
    sizes = [int(one) for one in sys.argv[1:] if one.isdigit()] or [4096, 1024]
    asked = [one for one in sys.argv[1:] if not one.isdigit()]
    if "first" in asked:
        first()
    elif "threads" in asked:
        threads(*sizes)
    else:
        main(*sizes, asked)
