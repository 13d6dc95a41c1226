"""Files: arrays with their parameters as .npz, the same bytes for the same content."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from symformer.dynamics.errors import DynamicsError
from symformer.system import brief, read_arrays

EPOCH = (1980, 1, 1, 0, 0, 0)
Arrays = dict[str, np.ndarray[Any, Any]]


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
    what = "expected an .npz file with parameters"
    arrays = read_arrays(path, DynamicsError, texts=True, what=what)
    if "parameters" not in arrays or arrays["parameters"].shape != ():
        raise DynamicsError(f"{path}: {what}, found {brief(', '.join(arrays) or 'no array')}")
    return arrays, str(arrays.pop("parameters")[()])


def difference(found: str, wanted: str) -> str:
    """The first parameter in which two texts of parameters differ, in words."""
    try:
        old, new = json.loads(found), json.loads(wanted)
        names = [name for name in sorted({*old, *new}) if old.get(name) != new.get(name)]
    except (ValueError, AttributeError, RecursionError):
        return "its parameters cannot be read"
    if not names:
        return "no difference"
    there, here = (brief(repr(parameters.get(names[0]))) for parameters in (old, new))
    return f"{brief(names[0])} is {there} there and {here} here"
