"""Checkpoints in the Hugging Face layout, mapped from their files: opening one reads headers, not weights."""

from __future__ import annotations

import json
import mmap
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from symformer.models.keys import ConfigError

SINGLE, INDEX = "model.safetensors", "model.safetensors.index.json"
PICKLED = (".bin", ".pt", ".pth", ".pkl", ".ckpt", ".bin.index.json")
LITTLE = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2"}
BITS = np.dtype("<u2")  # what NumPy, which has no bfloat16, sees of one


class CheckpointError(ConfigError):
    """Weights that cannot be read or do not fit; names the file and tensor, what was expected and what came."""


@dataclass(frozen=True)
class Mapped:
    """A tensor of a file.

    Attributes:
        file: the file it is in.
        dtype: its number format, as the file calls it: "F32", "F16", "BF16" or another.
        array: its numbers, mapped; the upper halves of float32 numbers as whole numbers for "BF16".
    """

    file: Path
    dtype: str
    array: Any


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
            raise CheckpointError(f"{path}: shard {name!r}: expected a file beside the index, found none")
        found.update(mapped_file(path.parent / name))
    for tensor, shard in listed.items():
        if tensor not in found or found[tensor].file.name != shard:
            raise CheckpointError(f"{path}: tensor {tensor!r}: expected in {shard}, found nothing there")
    return found


def _weight_map(path: Path) -> Mapping[str, str]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise CheckpointError(f"{path}: not JSON: {error}") from error
    listed = data.get("weight_map") if isinstance(data, dict) else None
    if not isinstance(listed, dict) or not all(isinstance(name, str) for name in listed.values()):
        raise CheckpointError(f"{path}: expected 'weight_map', an object from tensors to files, found none")
    return listed


def mapped_file(path: Path) -> dict[str, Mapped]:
    """The tensors of a file; the safetensors library checks its header first.

    Raises:
        CheckpointError: the library refuses it, or is not installed.
    """
    _check(path)
    with path.open("rb") as file:
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:start])
    header.pop("__metadata__", None)
    return {name: _mapped(path, content, start, entry) for name, entry in header.items()}


def _check(path: Path) -> None:
    try:
        from safetensors import SafetensorError, safe_open
    except ImportError as error:
        raise CheckpointError(f"{path}: reading weights needs `pip install symformer[models]`") from error
    try:
        with safe_open(path, framework="np"):
            pass
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{path}: not a sound safetensors file: {error}") from error


def _mapped(path: Path, content: mmap.mmap, start: int, entry: Mapping[str, Any]) -> Mapped:
    dtype, shape = str(entry["dtype"]), tuple(entry["shape"])
    if dtype not in LITTLE:
        return Mapped(path, dtype, np.broadcast_to(np.zeros((), bool), shape))
    flat = np.frombuffer(content, LITTLE[dtype], prod(shape), start + entry["data_offsets"][0])
    return Mapped(path, dtype, flat.reshape(shape))


def widened(array: Any, dtype: Any) -> Any:
    """An array in a floating dtype: itself if it has it; the halves of bfloat16 numbers are float32 numbers again."""
    if array.dtype == BITS:
        array = (array.astype(np.uint32) << 16).view(np.float32)
    return array.astype(dtype, copy=False)
