"""Whatever may stand in a file of values, a configuration or a header; and what a command makes of it."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from attacks.conftest import json_file, npy, npz_file, safetensors_file
from symformer.cli import main

PAGE = "softmax-jacobian"  # x, of one axis
LONGEST = 1500  # characters of a message
GPT2 = json.loads((Path(__file__).parents[1] / "fixtures/models/gpt2/config.json").read_text(encoding="utf-8"))


def outcome(*arguments):
    """Status and both streams of a command in this process; whatever it raises is a fault, and gets out."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = main([str(argument) for argument in arguments])
    return status, out.getvalue(), err.getvalue()


def is_done_or_refused(folder, path, *arguments):
    """A command that reads a file does its work, or says in one line what is wrong with the file; it writes nothing."""
    before = sorted(folder.iterdir())
    status, out, err = outcome(*arguments)
    assert status in (0, 1, 2)
    assert sorted(folder.iterdir()) == before
    if status == 2:
        assert out == "" and err.endswith("\n") and err[:-1].isprintable() and len(err) < LONGEST, (out, err)
        assert path.name in err or "may be 0" in err, err  # what is undefined at these values is told by its line
    else:
        assert err == "", err


# Values. --------------------------------------------------------------------------------------------------------------

NUMBERS = st.one_of(
    st.integers(), st.floats(), st.booleans(), st.none(), st.text(max_size=8),
    st.sampled_from(["1/3", " -2/4", "1/0", "\u0663", "1e3", "0x10", "1_000", "nan", "-0", "1/-2", "½", "1/3/5"]),
    st.integers(-(10**420), 10**420),
)  # fmt: skip
NESTED = st.recursive(NUMBERS, lambda inner: st.lists(inner, max_size=3), max_leaves=6)
ROWS = st.lists(st.one_of(st.integers(-99, 99), st.floats(-1e3, 1e3), st.just("1/3")), min_size=1, max_size=4)
OBJECTS = st.dictionaries(st.one_of(st.just("x"), st.text(max_size=6)), st.one_of(ROWS, NESTED), max_size=3)
TEXTS = st.tuples(OBJECTS.map(json.dumps), st.integers(0, 60), st.booleans()).map(
    lambda drawn: drawn[0][: drawn[1]] if drawn[2] else drawn[0]
)


def values_file(folder, text):
    """A file of values with this text."""
    return json_file(folder / "values.json", text)


# Configurations. ------------------------------------------------------------------------------------------------------

ODD = st.one_of(
    st.integers(-3, 9), st.integers(), st.floats(), st.booleans(), st.none(), st.text(max_size=8),
    st.sampled_from(["gpt2", "gelu", "relu", "bfloat16", 10**400, -1, 0, 0.5, [], {}, [2], {"rope_type": "linear"}]),
    st.lists(st.integers(), max_size=3), st.dictionaries(st.text(max_size=4), st.integers(), max_size=2),
)  # fmt: skip
KEYS = st.one_of(
    st.sampled_from(sorted(GPT2)), st.sampled_from(["rope_scaling", "head_dim", "auto_map"]), st.text(max_size=6)
)
CHANGES = st.dictionaries(KEYS, st.one_of(ODD, st.just("@missing@")), max_size=3)


def configuration_file(folder, changes):
    """The configuration of a small GPT-2 with changes, some keys taken out."""
    config = {key: value for key, value in {**GPT2, **changes}.items() if value != "@missing@"}
    return json_file(folder / "config.json", json.dumps(config))


# Headers. -------------------------------------------------------------------------------------------------------------

LENGTHS = st.one_of(st.integers(0, 3), st.integers(), st.booleans(), st.floats(), st.none())
STORED = st.fixed_dictionaries(
    {
        "dtype": st.one_of(st.sampled_from(["F32", "F64", "F16", "BF16", "I64", "BOOL", "F8_E4M3", "U4"]), ODD),
        "shape": st.one_of(st.lists(LENGTHS, max_size=3), ODD),
        "data_offsets": st.one_of(st.lists(st.integers(0, 40), min_size=2, max_size=2), st.lists(LENGTHS, max_size=3)),
    }
)  # fmt: skip
TENSORS = st.dictionaries(st.one_of(st.just("x"), st.text(max_size=4)), st.one_of(STORED, ODD), max_size=2)
ARRAYS = st.fixed_dictionaries(
    {
        "descr": st.one_of(st.sampled_from(["<f8", "<f4", ">f2", "<i8", "|b1", "|O", "<U4", "<c16", "<f16"]), ODD),
        "fortran_order": st.one_of(st.booleans(), ODD),
        "shape": st.one_of(st.lists(st.integers(0, 4), max_size=3).map(tuple), st.tuples(LENGTHS, LENGTHS), ODD),
    }
)  # fmt: skip
HEADERS = st.tuples(st.one_of(TENSORS, ARRAYS), st.integers(0, 40))


def headed_file(folder, header, size):
    """A file of tensors, or of arrays, with this header, true or not, and so many bytes."""
    content = bytes(range(size))
    if "descr" in header:
        return npz_file(folder / "values.npz", [("x", npy(np.frombuffer(content, np.uint8), header))])
    return safetensors_file(folder / "values.safetensors", header, content)


# A draw of each kind. -------------------------------------------------------------------------------------------------


def values(folder, text):
    """A page at drawn values."""
    path = values_file(folder, text)
    is_done_or_refused(folder, path, "eval", PAGE, "--at", path)


def configurations(folder, changes):
    """The cost of a drawn configuration."""
    path = configuration_file(folder, changes)
    is_done_or_refused(folder, path, "cost", path, "--seq", 5, "--json")


def headers(folder, drawn):
    """A page at the arrays of a drawn header."""
    path = headed_file(folder, *drawn)
    is_done_or_refused(folder, path, "eval", PAGE, "--at", path)


DRAWS = {"values": (values, TEXTS), "configurations": (configurations, CHANGES), "headers": (headers, HEADERS)}
