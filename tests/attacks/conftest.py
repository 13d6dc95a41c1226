"""What attacks share: a command in this process, and what every refusal has in common."""

from __future__ import annotations

import json
import zipfile

import numpy as np
import pytest

from symformer.cli import main


@pytest.fixture
def refused(capsys, monkeypatch, tmp_path):
    """Runs a command that has to be refused: status 2, one line without control characters, nothing printed."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        status = main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        assert (status, out) == (2, ""), err
        assert err.endswith("\n") and err[:-1].isprintable(), err
        assert len(err) < 1500
        return err

    return run


def json_file(path, text):
    """A file with this text, or these bytes."""
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def npz_file(path, entries, **flags):
    """An .npz of these entries: arrays, or the bytes that stand for one."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, value in entries:
            content = value if isinstance(value, bytes) else npy(value)
            archive.writestr(f"{name}.npy", content)
    return path


def npy(array, header=None):
    """The bytes of an .npy, also with a header that lies."""
    said = header or {"descr": array.dtype.str, "fortran_order": False, "shape": array.shape}
    text = repr(said).encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + np.ascontiguousarray(array).tobytes()


def safetensors_file(path, header, content=b""):
    """A file of tensors with this header, true or not."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + content)
    return path


def stored(dtype, shape, start, stop):
    """An entry of a header."""
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, stop]}
