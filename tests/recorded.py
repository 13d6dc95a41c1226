"""Numbers that PyTorch gave, as `tests/fixtures/pytorch_numbers.py` wrote them: a test needs no PyTorch to compare."""

from __future__ import annotations

import base64
import json
from functools import cache
from pathlib import Path

import numpy as np

FILE = Path(__file__).parent / "fixtures" / "pytorch_numbers.json"
SEEDS = 24  # cases of each function


def written(array):
    """An array as JSON: dtype, shape, and its bytes in base64; None as null."""
    if array is None:
        return None
    array = np.asarray(array)
    plain = array.astype(array.dtype.newbyteorder("<"))
    return [array.dtype.name, list(array.shape), base64.b64encode(plain.tobytes()).decode()]


def read(entry):
    """The array of an entry."""
    if entry is None:
        return None
    dtype, shape, text = entry
    return np.frombuffer(base64.b64decode(text), np.dtype(dtype).newbyteorder("<")).astype(dtype).reshape(shape)


@cache
def _entries():
    return json.loads(FILE.read_text(encoding="utf-8"))


def recorded(name):
    """The arrays of an entry, in order."""
    return [read(entry) for entry in _entries()[name]]
