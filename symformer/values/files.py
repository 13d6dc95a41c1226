"""Files of a reader's values: .json, .npz or .safetensors, read by the border of all files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from symformer.system import brief, read_arrays, read_json, read_tensors
from symformer.values.errors import ValuesError

MOST_BYTES = 1 << 28  # that numbers of a page may unpack to


def read_file(path: Path) -> dict[str, Any]:
    """The named values in a file, as nested lists or arrays, not yet checked against a program.

    Raises:
        ValuesError: the file cannot be read, has an unknown ending, or holds something else than named numbers.
    """
    if path.suffix == ".json":
        return _read_json(path)
    if path.suffix == ".npz":
        return read_arrays(path, ValuesError, most=MOST_BYTES)
    if path.suffix == ".safetensors":
        return read_tensors(path, ValuesError, most=MOST_BYTES)
    raise ValuesError(f"{path}: expected a .json, .npz or .safetensors file")


def _read_json(path: Path) -> dict[str, Any]:
    found = read_json(path, ValuesError, decimals=True)
    if not isinstance(found, dict):
        raise ValuesError(f"{path}: expected an object of named values, got {type(found).__name__} {brief(found, 20)}")
    return found
