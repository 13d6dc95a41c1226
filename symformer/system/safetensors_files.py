"""Files of tensors in the safetensors format: the header is checked against the file before any tensor is looked at.

The format is: eight bytes that say how long the header is, the header as JSON, and the numbers, one tensor after the
other without a gap.

Source: https://github.com/huggingface/safetensors, section Format.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np

from symformer.system.eight_bits import EIGHT_BITS
from symformer.system.json_files import parsed
from symformer.system.reading import MOST_BYTES, check_size, readable
from symformer.system.words import brief

MOST_HEADER = 100_000_000  # bytes, as the format says
MOST_AXES = 1000
WIDTHS = {
    "F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U64": 8, "U32": 4, "U16": 2,
    "U8": 1, "BOOL": 1, "F8_E4M3": 1, "F8_E5M2": 1, "F8_E8M0": 1,
}  # fmt: skip
LITTLE = {name: f"<{name[0].lower()}{WIDTHS[name]}" for name in WIDTHS if name[0] in "FIU" and "_" not in name}
# What NumPy sees of numbers that it has not, bfloat16 and those of eight bits: whole numbers.
NUMPY = {**LITTLE, "BF16": "<u2", "BOOL": "|b1", **dict.fromkeys(EIGHT_BITS, "|u1")}


@dataclass(frozen=True)
class StoredTensor:
    """A tensor as the header of a file describes it.

    Attributes:
        name: its name.
        dtype: its number format, as the file calls it: "F32", "BF16", …
        shape: its shape.
        start: where its numbers start in the file, in bytes.
        stop: where they end.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    start: int
    stop: int


def read_header(
    path: Path, error: type[Exception], what: str = "not a sound safetensors file"
) -> dict[str, StoredTensor]:
    """The tensors of a file by name; none of their numbers is read. Raises `error` where the header does not fit."""
    with readable(path, error, what), path.open("rb") as file:
        return _header(file)


def _header(file: IO[bytes]) -> dict[str, StoredTensor]:
    found = os.fstat(file.fileno())
    length = int.from_bytes(file.read(8), "little")
    if not stat.S_ISREG(found.st_mode) or length > min(MOST_HEADER, found.st_size - 8):
        raise ValueError("expected a header of the length that its first bytes say")
    header = parsed(file.read(length))
    if not isinstance(header, dict):
        raise ValueError(f"expected a header that is an object, found {type(header).__name__}")
    header.pop("__metadata__", None)
    tensors = {name: _stored(name, entry, 8 + length) for name, entry in header.items()}
    _check_gaps(tensors, 8 + length, found.st_size)
    return tensors


def _stored(name: str, entry: Any, base: int) -> StoredTensor:
    if not isinstance(entry, Mapping) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise ValueError(f"tensor {brief(name)}: expected dtype, shape and data_offsets")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or not _whole(shape) or not _whole(offsets) or len(offsets) != 2:
        raise ValueError(f"tensor {brief(name)}: expected a dtype, a shape and two offsets, found {brief(dict(entry))}")
    size = offsets[1] - offsets[0]
    if size < 0 or (dtype in WIDTHS and size != prod(shape) * WIDTHS[dtype]):
        raise ValueError(
            f"tensor {brief(name)}: {brief(dtype)} of shape {brief(tuple(shape))} does not fit {size} bytes"
        )
    return StoredTensor(name, dtype, tuple(shape), base + offsets[0], base + offsets[1])


def _whole(values: Any) -> bool:
    """Whether these are a few whole numbers of 64 bits, so that their product is no work."""
    listed = isinstance(values, list) and len(values) <= MOST_AXES
    return listed and all(type(value) is int and 0 <= value < 1 << 64 for value in values)


def _check_gaps(tensors: Mapping[str, StoredTensor], start: int, end: int) -> None:
    """One after the other, from the header to the end of the file."""
    for stored in sorted(tensors.values(), key=lambda one: (one.start, one.stop)):
        if stored.start != start:
            raise ValueError(f"tensor {brief(stored.name)}: expected it at byte {start}, found {stored.start}")
        start = stored.stop
    if start != end:
        raise ValueError(f"expected {start} bytes, found {end}")


def read_tensors(path: Path, error: type[Exception], *, most: int = MOST_BYTES) -> dict[str, Any]:
    """The tensors of a file as arrays; bfloat16 and numbers of eight bits, which NumPy has not, as float32, exactly."""
    with readable(path, error):
        check_size(path, most)
    header = read_header(path, error)
    with readable(path, error), path.open("rb") as file:
        return {name: _numbers(file, stored) for name, stored in header.items()}


def _numbers(file: IO[bytes], stored: StoredTensor) -> Any:
    if stored.dtype not in NUMPY or len(stored.shape) > 32:
        found = f"{brief(stored.dtype)} of {len(stored.shape)} axes"
        raise ValueError(f"{brief(stored.name)}: expected {', '.join(NUMPY)} of at most 32 axes, found {found}")
    file.seek(stored.start)
    content = file.read(stored.stop - stored.start)
    array = np.frombuffer(content, NUMPY[stored.dtype]).reshape(stored.shape)
    if stored.dtype in EIGHT_BITS:
        return EIGHT_BITS[stored.dtype][array]
    return bfloat16_to_float32(array) if stored.dtype == "BF16" else array


def bfloat16_to_float32(bits: Any) -> Any:
    """bfloat16 numbers, given as the upper halves of float32 numbers, as these."""
    return (bits.astype(np.uint32) << 16).view(np.float32)
