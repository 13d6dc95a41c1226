"""Files: arrays with their parameters as .npz, written whole or not at all, the same bytes for the same content."""

from __future__ import annotations

import io
import json
import os
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from symformer.dynamics.errors import DynamicsError

EPOCH = (1980, 1, 1, 0, 0, 0)
Arrays = dict[str, np.ndarray[Any, Any]]


def write_bytes(path: Path, content: bytes) -> None:
    """Writes a file beside its place and moves it there, so that no half of it is ever seen."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(name, 0o644)
        os.replace(name, path)
    finally:
        Path(name).unlink(missing_ok=True)


def packed(arrays: Mapping[str, Any], parameters: str) -> bytes:
    """The bytes of an .npz with these arrays, and the parameters as an array of one text."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in {**arrays, "parameters": np.array(parameters)}.items():
            entry = io.BytesIO()
            np.lib.format.write_array(entry, np.asarray(array), allow_pickle=False)
            info = zipfile.ZipInfo(f"{name}.npy", EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, entry.getvalue())
    return out.getvalue()


def unpacked(path: Path) -> tuple[Arrays, str]:
    """The arrays of a file and its parameters.

    Raises:
        DynamicsError: it is no file of ours.
    """
    try:
        with np.load(path, allow_pickle=False) as found:
            arrays = {name: found[name] for name in found.files}
        return arrays, str(arrays.pop("parameters")[()])
    except (ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise DynamicsError(f"{path}: expected an .npz file with parameters, got {type(error).__name__}") from error


def difference(found: str, wanted: str) -> str:
    """The first parameter in which two texts of parameters differ, in words."""
    try:
        old, new = json.loads(found), json.loads(wanted)
        names = [name for name in sorted({*old, *new}) if old.get(name) != new.get(name)]
    except (ValueError, AttributeError):
        return "its parameters cannot be read"
    return f"{names[0]} is {old.get(names[0])!r} there and {new.get(names[0])!r} here" if names else "no difference"
