"""Numbers for the programs of the field's documents, each tensor's from its name, and their outputs."""

from __future__ import annotations

from zlib import crc32

import numpy as np

import symformer as sf

SIZES = {"n": 4, "m": 5, "d": 6, "H": 2, "d_k": 3, "d_v": 3, "d_ff": 7, "V": 8, "n_ctx": 9, "L_enc": 2, "L_dec": 2}
EPSILON = 0.1  # so that its place shows


def number(size):
    """A size as a number."""
    return int(size.subs({one: SIZES[one.name] for one in size.free_symbols}))


def drawn(tensor):
    """Numbers of a tensor; `RandomState` never changes, and what PyTorch makes of them is recorded."""
    random, shape = np.random.RandomState(crc32(tensor.name.encode())), tuple(number(size) for size in tensor.shape)
    if tensor.domain.kind == "mask":
        seen = random.random_sample(shape) < 0.7
        seen[..., 0] = True
        return seen
    if tensor.domain.whole:
        return np.asarray(random.randint(0, number(tensor.domain.upper), shape, dtype=np.int64))
    return np.float64(EPSILON) if tensor.name == "epsilon" else np.asarray(random.normal(size=shape))


def given(program):
    """Values for the inputs of a program, by name."""
    found = {tensor.name: drawn(tensor) for tensor in program.inputs}
    if "L_enc" in {size.name for size in program.sizes} and "W_U" in found:
        found["W_U"] *= 0.02  # without a last norm the stream is long
    return found


def run(program, values):
    """The output of a program, its repeats unrolled."""
    sizes = {one: SIZES[one.name] for one in program.sizes if one.name in ("L_enc", "L_dec")}
    unrolled = program.unroll(sizes)
    return sf.lambdify(unrolled)(*(values[tensor.name] for tensor in unrolled.inputs))
