"""Checkpoints in the Hugging Face layout, mapped from their files: opening one reads headers, not weights."""

from __future__ import annotations

import mmap
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from symformer.models.keys import ConfigError
from symformer.system import EIGHT_BITS, StoredTensor, bfloat16_to_float32, brief, read_header, read_json, readable

SINGLE, INDEX = "model.safetensors", "model.safetensors.index.json"
PICKLED = (".bin", ".pt", ".pth", ".pkl", ".ckpt", ".bin.index.json")
LITTLE = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "F8_E4M3": "|u1"}
BITS = np.dtype("<u2")  # what NumPy, which has no bfloat16, sees of one
BYTES = np.dtype("|u1")  # and of a number of eight bits


class CheckpointError(ConfigError):
    """Weights that cannot be read or do not fit; names the file and tensor, what was expected and what came."""


@dataclass(frozen=True)
class Mapped:
    """A tensor of a file.

    Attributes:
        file: the file it is in.
        stored: where it lies in the file, its shape and number format.
        content: the file, mapped.
    """

    file: Path
    stored: StoredTensor
    content: Any

    @property
    def dtype(self) -> str:
        """Its number format, as the file calls it: "F32", "F16", "BF16" or another."""
        return self.stored.dtype

    @property
    def shape(self) -> tuple[int, ...]:
        """Its shape."""
        return self.stored.shape

    @cached_property
    def array(self) -> Any:
        """Its numbers, mapped, once they are asked for; the upper halves of float32 numbers for "BF16".

        Raises:
            KeyError: its number format is none of `LITTLE`.
        """
        dtype = np.dtype(LITTLE[self.dtype])
        count = (self.stored.stop - self.stored.start) // dtype.itemsize
        flat = np.frombuffer(self.content, dtype, count, self.stored.start) if count else np.zeros(0, dtype)
        return flat.reshape(self.shape)


def open_checkpoint(directory: Path) -> dict[str, Mapped]:
    """Every tensor of `model.safetensors`, or of the shards that `model.safetensors.index.json` lists, by name.

    Raises:
        CheckpointError: no such file, pickled weights alone, a damaged file or index.
    """
    if (directory / SINGLE).is_file():
        return mapped_file(directory / SINGLE)
    if (directory / INDEX).is_file():
        return _sharded(directory / INDEX)
    for path in sorted(directory.iterdir()):
        if path.name.endswith(PICKLED):
            raise CheckpointError(
                f"{path}: pickled weights are refused, for unpickling runs whatever code a file holds; "
                "convert them to safetensors"
            )
    raise CheckpointError(f"{directory}: expected {SINGLE} or {INDEX}, found neither")


def _sharded(path: Path) -> dict[str, Mapped]:
    listed = _weight_map(path)
    found: dict[str, Mapped] = {}
    for name in sorted(set(listed.values())):
        if Path(name).name != name or not (path.parent / name).is_file():
            raise CheckpointError(f"{path}: shard {brief(repr(name))}: expected a file beside the index, found none")
        found.update(mapped_file(path.parent / name))
    for tensor, shard in listed.items():
        if tensor not in found or found[tensor].file.name != shard:
            raise CheckpointError(
                f"{path}: tensor {brief(repr(tensor))}: expected in {brief(shard)}, found nothing there"
            )
    return found


def _weight_map(path: Path) -> Mapping[str, str]:
    data = read_json(path, CheckpointError, what="not JSON")
    listed = data.get("weight_map") if isinstance(data, dict) else None
    if not isinstance(listed, dict) or not all(isinstance(name, str) for name in listed.values()):
        raise CheckpointError(f"{path}: expected 'weight_map', an object from tensors to files, found none")
    return listed


def mapped_file(path: Path) -> dict[str, Mapped]:
    """The tensors of a file, whose header is checked first, by us and by the safetensors library.

    Raises:
        CheckpointError: one of the two refuses it, or the library is not installed.
    """
    header = read_header(path, CheckpointError)
    _check(path)
    with readable(path, CheckpointError), path.open("rb") as file:
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return {name: Mapped(path, stored, content) for name, stored in header.items()}


def _check(path: Path) -> None:
    try:
        from safetensors import SafetensorError, safe_open
    except ImportError as error:
        raise CheckpointError(f'{path}: reading weights needs safetensors: pip install ".[models]"') from error
    try:
        with safe_open(path, framework="np"):
            pass
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{path}: not a sound safetensors file: {error}") from error


def widened(array: Any, dtype: Any) -> Any:
    """An array in a floating dtype: itself if it has it; the halves of bfloat16 numbers are float32 numbers again."""
    if array.dtype == BITS:
        array = bfloat16_to_float32(array)
    elif array.dtype == BYTES:
        array = EIGHT_BITS["F8_E4M3"][array]
    return array.astype(dtype, copy=False)
