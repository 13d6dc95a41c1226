"""Arrays of an .npz file: sizes are looked at before memory is taken, and nothing is unpickled."""

from __future__ import annotations

import zipfile
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np

from symformer.system.reading import MOST_BYTES, check_size, readable
from symformer.system.words import brief

MOST_ARRAYS = 10_000
MOST_AXES = 32
WIDEST = 8  # bytes of a number; long doubles have no Python number
HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
Array = np.ndarray[Any, Any]


def read_arrays(
    path: Path, error: type[Exception], *, texts: bool = False, most: int = MOST_BYTES, what: str = ""
) -> dict[str, Array]:
    """The arrays of an .npz file, by name.

    Args:
        path: the file.
        error: what is raised, with the names of the file and of the array, where it is none, damaged or too large.
        texts: whether arrays of text are taken, too.
        most: how many bytes it may have, and unpack to.
        what: said before what is wrong.
    """
    with readable(path, error, what):
        check_size(path, most)
        with zipfile.ZipFile(path) as archive:
            entries = _entries(archive, most)
            return {name: _array(archive, name, info, "fiub" + "U" * texts) for name, info in entries.items()}


def _entries(archive: zipfile.ZipFile, most: int) -> dict[str, zipfile.ZipInfo]:
    infos = archive.infolist()
    if len(infos) > MOST_ARRAYS:
        raise ValueError(f"expected at most {MOST_ARRAYS} arrays, found {len(infos)}")
    unpacked = sum(info.file_size for info in infos)
    if unpacked > most:
        raise ValueError(f"expected at most {most} bytes, but it unpacks to {unpacked}")
    found: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        name = info.filename.removesuffix(".npy")
        if name in found:
            raise ValueError(f"{brief(name)}: stands twice")
        found[name] = info
    return found


def _array(archive: zipfile.ZipFile, name: str, info: zipfile.ZipInfo, kinds: str) -> Array:
    """One array.

    Raises:
        ValueError: its header does not fit its bytes, or it holds something else than numbers; it is named.
    """
    if info.flag_bits & 1 or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(
            f"{brief(name)}: expected an array as numpy.savez writes it, found it encrypted or otherwise packed"
        )
    with archive.open(info) as file:
        shape, fortran, dtype, start = _header(file, name)
        if dtype.kind not in kinds or (dtype.kind != "U" and dtype.itemsize > WIDEST) or dtype.subdtype is not None:
            raise ValueError(f"{brief(name)}: expected an array of real numbers, found dtype {brief(dtype)}")
        size, found = prod(shape) * dtype.itemsize, info.file_size - start
        if len(shape) > MOST_AXES or any(length < 0 for length in shape) or size != found:
            raise ValueError(f"{brief(name)}: {brief(dtype)} of shape {brief(shape)} does not fit its {found} bytes")
        flat = np.frombuffer(file.read(size + 1), dtype)  # one byte more than there is, so that its sum is checked
    return flat.reshape(shape, order="F" if fortran else "C").astype(dtype.newbyteorder("="))


def _header(file: IO[bytes], name: str) -> tuple[tuple[int, ...], bool, np.dtype[Any], int]:
    """Shape, whether columns come first, dtype, and where the numbers start."""
    version = np.lib.format.read_magic(file)
    if version not in HEADERS:
        raise ValueError(f"{brief(name)}: expected format 1.0 or 2.0 of .npy, found {version}")
    shape, fortran, dtype = HEADERS[version](file)
    return shape, fortran, dtype, file.tell()
