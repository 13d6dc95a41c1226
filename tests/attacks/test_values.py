"""Files of values, hostile: each is one line with file, key, expected and found."""

from __future__ import annotations

import os
import resource
import time
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import symformer as sf
from attacks.conftest import json_file, npy, npz_file, safetensors_file, stored
from symformer.cli import main
from symformer.evaluate import Undecidable
from symformer.values import read_file

PAGE = "softmax-jacobian"  # x, of one axis

JSON = {
    "1e400": ('{"x": [1, 1e400, 2]}', ["x[2]"]),
    "1e-400000": ('{"x": [1e-400000]}', ["x[1]"]),
    "a vast exponent": ('{"x": [1e999999999999999999999]}', ["x[1]"]),
    "a vast negative exponent": ('{"x": [-1e-999999999999999999999]}', ["x[1]"]),
    "5,000 digits": ('{"x": [1, ' + "7" * 5000 + "]}", ["x[2]"]),
    "5,000 digits after the point": ('{"x": [0.' + "7" * 5000 + "]}", ["x[1]"]),
    "true": ('{"x": [1, true]}', ["x[2]", "expected a number", "True"]),
    "Arabic digits": ('{"x": ["\u0661", 2]}', ["x[1]"]),
    "full-width digits": ('{"x": ["\uff11/\uff12", 2]}', ["x[1]"]),
    "NaN": ('{"x": [NaN]}', ["x[1]", "NaN is no finite number"]),
    "Infinity": ('{"x": [1, -Infinity]}', ["x[2]"]),
    "a row too long": ('{"x": [1, [2]]}', ["x[2]", "a list of 1"]),
    "an object": ('{"x": [{"y": 1}]}', ["x[1]"]),
    "null": ('{"x": null}', ["x", "found ()"]),
    "the same key twice": ('{"x": [1], "x": [2]}', ["x: stands twice"]),
    "20,000 times the same key": ("{" + ", ".join('"x": [1]' for _ in range(20000)) + "}", ["stands twice"]),
    "20,000 keys": ("{" + ", ".join(f'"x{number}": 1' for number in range(20000)) + "}", ["x0: unknown"]),
    "a long key": ('{"' + "k" * 100000 + '": 1}', ["kkkk", "…", "unknown; expected x"]),
    "a key that clears the screen": ('{"\\u001b[2J\\u202e\\n": 1}', ["\\x1b[2J\\u202e\\n"]),
    "a lone surrogate": ('{"\\ud800": 1}', ["\\ud800"]),
    "60 axes": ('{"x": ' + "[" * 60 + "1" + "]" * 60 + "}", ["x: expected shape (n,)"]),
    "a word": ('{"x": "abc"}', ["x: expected numbers of shape (n,), found 'abc'"]),
    "900 axes": ('{"x": ' + "[" * 900 + "1" + "]" * 900 + "}", ["x"]),
    "100,000 axes": ('{"x": ' + "[" * 100000 + "]" * 100000 + "}", ["too deep"]),
    "no UTF-8": (b'{"x": [1], "\xff": 1}', ["not UTF-8"]),
    "UTF-16": ('{"x": [1]}'.encode("utf-16"), ["not UTF-8"]),
    "a text": ('"x"', ["expected an object"]),
    "nothing": ("", ["Expecting value"]),
    "zeros": (b"\0" * 1000, ["Expecting value"]),
    "division by zero": ('{"x": ["1/0", "1/00"]}', ["x[1]"]),
    "code": ("{\"x\": [\"__import__('os').system('id')\"]}", ["x[1]"]),
}


@pytest.mark.parametrize("name", JSON)
@pytest.mark.parametrize("command", ["show", "eval"])
def test_json(refused, tmp_path, name, command):
    text, words = JSON[name]
    began = time.process_time()
    err = refused(command, PAGE, "--at", json_file(tmp_path / "v.json", text))
    assert time.process_time() - began < 30  # no work without an end; what is slow is measured in the benchmark
    for word in ["v.json", *words]:
        assert word in err


def test_ragged_lists_are_told_by_their_row(tmp_path):
    A = sf.tensor("A", *sf.sizes("n m"))
    page = sf.Derivation("T", given=(A,), calc=((A[1, 1], "a"),))
    for rows, words in {
        "[[1], [2, 3]]": r"A\[2\]\[1\]: expected rows of equal length 1, found a list of 2",
        "[[1, 2], 3]": r"A\[2\]\[1\]: expected rows of equal length 2, found 3",
        "[[1, 2], [3, [4]]]": r"A\[2\]\[2\]: expected a number, found a list of 1",
        "[[1, 2], []]": r"A\[2\]\[1\]: expected rows of equal length 2, found a list of 0",
    }.items():
        with pytest.raises(sf.ValuesError, match=words):
            page.at(read_file(json_file(tmp_path / "v.json", f'{{"A": {rows}}}')))


def test_truth_is_a_number_of_a_mask_alone(tmp_path):
    n = sf.sizes("n")
    x, M = sf.tensor("x", n), sf.tensor("M", n, kind="mask")
    page = sf.Derivation("T", given=(x, M), calc=((x[1] + M[1], "a"),))
    worked = page.at(read_file(json_file(tmp_path / "v.json", '{"x": [1, 2], "M": [true, false]}')))
    assert list(worked.values.entries["M"].values()) == [1, 0]


def lie(shape, dtype="<f8"):
    """A header of an array that is not so."""
    return {"descr": dtype, "fortran_order": False, "shape": shape}


NPZ = {
    "long doubles": ([("x", np.ones(3, np.longdouble))], "x: expected an array of real numbers, found dtype"),
    "complex numbers": ([("x", np.ones(3, complex))], "x: expected an array of real numbers"),
    "texts": ([("x", np.array(["1", "2"]))], "x: expected an array of real numbers"),
    "dates": ([("x", np.array(["2020-01-01"], "M8[D]"))], "x: expected an array of real numbers"),
    "records": ([("x", np.zeros(2, [("a", "f8")]))], "x: expected an array of real numbers"),
    "objects": ([("x", npy(np.zeros(1), lie((1,), "|O")))], "x: expected an array"),
    "a shape that lies": ([("x", npy(np.zeros(3), lie((4,))))], "does not fit"),
    "a vast shape": ([("x", npy(np.zeros(3), lie((2**40, 2**40))))], "does not fit"),
    "a negative shape": ([("x", npy(np.zeros(3), lie((-3,))))], "does not fit"),
    "a shape that is no tuple": ([("x", npy(np.zeros(3), lie(3)))], "v.npz"),
    "40 axes": ([("x", npy(np.zeros(1), lie((1,) * 40)))], "does not fit"),
    "a header that is code": ([("x", b"\x93NUMPY\x01\x00\x10\x00__import__('os')")], "v.npz"),
    "no header": ([("x", b"hello")], "v.npz"),
    "NaN": ([("x", np.array([1.0, np.nan]))], "x[2]: expected a finite number, found nan"),
    "infinity": ([("x", np.array([np.inf]))], "x[1]: expected a finite number, found inf"),
    "nothing in it": ([], "x: missing"),
    "no entries": ([("x", np.zeros(0))], "x: expected shape (n,), found (0,)"),
    "another name": ([("y\x1b[2J", np.ones(2))], "y\\x1b[2J: unknown"),
    "gigabytes": ([("x", npy(np.zeros(1), lie((2**24,))) + b"\0" * (2**27))], "found shape"),
}  # fmt: skip


@pytest.mark.parametrize("name", NPZ)
def test_npz(refused, tmp_path, name):
    entries, words = NPZ[name]
    err = refused("show", PAGE, "--at", npz_file(tmp_path / "v.npz", entries))
    assert "v.npz" in err and (words in err or name == "gigabytes"), err


def test_an_archive_that_unpacks_to_gigabytes_takes_neither_time_nor_memory(refused, tmp_path):
    path = tmp_path / "bomb.npz"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("x.npy", "w", force_zip64=True) as file,
    ):
        for _ in range(1024):
            file.write(b"\0" * (1 << 20))
    assert path.stat().st_size < 2 << 20
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "it unpacks to 1073741824" in refused("show", PAGE, "--at", path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kilobytes


def test_archives_that_are_damaged_or_locked(refused, tmp_path):
    good = npz_file(tmp_path / "good.npz", [("x", np.arange(50.0))]).read_bytes()
    np.save(tmp_path / "one.npy", np.ones(3))
    spoiled = {
        "truncated": good[: len(good) // 2],
        "encrypted": good.replace(b"PK\x03\x04\x14\x00\x00\x00", b"PK\x03\x04\x14\x00\x01\x00").replace(
            b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00"
        ),
        "packed in another way": good.replace(b"\x08\x00", b"\x0e\x00", 2),
        "renamed": (tmp_path / "one.npy").read_bytes(),
        "flipped": good[:90] + bytes([good[90] ^ 255]) + good[91:],
    }
    for name, content in spoiled.items():
        path = tmp_path / f"{name.replace(' ', '_')}.npz"
        path.write_bytes(content)
        assert path.name in refused("show", PAGE, "--at", path), name
    twice = tmp_path / "twice.npz"
    with pytest.warns(UserWarning, match="Duplicate"):
        npz_file(twice, [("x", np.ones(2)), ("x", np.ones(3))])
    assert "x: stands twice" in refused("show", PAGE, "--at", twice)


def test_the_number_formats_of_real_models_are_read(tmp_path):
    """bfloat16 exactly; big-endian and Fortran arrays as what they are."""
    bits = np.array([0x3F80, 0xBF00, 0x4049], "<u2")
    path = safetensors_file(tmp_path / "v.safetensors", {"x": stored("BF16", [3], 0, 6)}, bits.tobytes())
    assert read_file(path)["x"].tolist() == [1.0, -0.5, 3.140625]
    assert main(["show", PAGE, "--at", str(path), "-o", str(tmp_path / "page.txt")]) == 0
    np.savez(tmp_path / "v.npz", x=np.array([1, 2], ">f4"), A=np.asfortranarray([[1.0, 2], [3, 4]]))
    found = read_file(tmp_path / "v.npz")
    assert found["x"].tolist() == [1, 2] and found["A"].tolist() == [[1, 2], [3, 4]]


TENSORS = {
    "a format of tomorrow": ({"x": stored("F3", [2], 0, 2)}, b"\0\0", "found F3"),
    "a shape that lies": ({"x": stored("F32", [3], 0, 8)}, b"\0" * 8, "does not fit 8 bytes"),
    "2⁶² entries": ({"x": stored("F32", [2**31, 2**31], 0, 8)}, b"\0" * 8, "does not fit"),
    "101 axes": ({"x": stored("F32", [1] * 101, 0, 4)}, b"\0" * 4, "101 axes"),
    "negative sizes": ({"x": stored("F32", [-1, -1], 0, 4)}, b"\0" * 4, "two offsets"),
    "true for 1": ({"x": stored("F32", [True], 0, 4)}, b"\0" * 4, "two offsets"),
    "a gap": ({"x": stored("F32", [1], 4, 8)}, b"\0" * 8, "expected it at byte"),
    "an overlap": ({"x": stored("F32", [1], 0, 4), "y": stored("F32", [1], 0, 4)}, b"\0" * 4, "expected it at byte"),
    "more than it says": ({"x": stored("F32", [1], 0, 4)}, b"\0" * 8, "bytes, found"),
    "less than it says": ({"x": stored("F32", [2], 0, 8)}, b"\0" * 4, "bytes, found"),
    "a list": (b"[1]", b"", "an object, found list"),
    "no JSON": (b"{", b"", "v.safetensors"),
    "the same tensor twice": (b'{"x": 1, "x": 2}', b"", "x: stands twice"),
    "a header without an end": (b"", b"", "v.safetensors"),
    "NaN": ({"x": stored("F32", [1], 0, 4)}, np.float32(np.nan).tobytes(), "x[1]: expected a finite number"),
}  # fmt: skip


@pytest.mark.parametrize("name", TENSORS)
def test_safetensors(refused, tmp_path, name):
    header, content, words = TENSORS[name]
    path = safetensors_file(tmp_path / "v.safetensors", header, content)
    if name == "a header without an end":
        path.write_bytes((2**40).to_bytes(8, "little"))
    err = refused("eval", PAGE, "--at", path)
    assert "v.safetensors" in err and words in err, err


def test_places_that_are_no_file(refused, tmp_path):
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "folder.npz").mkdir()
    (tmp_path / "loop.json").symlink_to("loop.json")
    (tmp_path / "line\nbreak.json").write_text("[")
    for name in ("pipe.json", "folder.npz", "loop.json", "no.safetensors", "n" * 300 + ".json"):
        assert name[:20] in refused("show", PAGE, "--at", name)
    assert "line\\nbreak.json" in refused("show", PAGE, "--at", "line\nbreak.json")
    assert "name\\x1b.txt" in refused("show", PAGE, "--at", "name\x1b.txt")


def test_sizes_are_looked_at_before_entries(tmp_path):
    A = sf.tensor("A", *sf.sizes("n m"))
    page = sf.Derivation("T", given=(A,), calc=((A[1, 1], "a"),))
    with pytest.raises(sf.ValuesError, match="A: expected at most 1000000 entries"):
        page.at(A=np.broadcast_to(np.float32(1), (10**6, 10**6)))


FLOATS = [
    -3.4028234663852886e38,
    3000000.0,
    1.7976931348623157e308,
    -1.7976931348623157e308,
    5e-324,
    -0.0,
    1e60,
    2.0**53,
]


def test_digits_that_nobody_knows_are_not_printed_as_zero():
    """At 200 bits exp(10^60) is known to no digit; that must neither be 0 nor crash."""
    c = sf.scalar("c")
    text = sf.Derivation("T", given=(c,), calc=((sf.exp(c) / 2, "a"),)).at(c=1e60).text()
    assert "≈ 3.035e43429448190325182765112891891660508229439700580366656611445" in text
    with pytest.raises(sf.ValuesError, match="too large, or known too vaguely"):
        sf.Derivation("T", given=(c,), calc=((sf.exp(c**40), "a"),)).at(c=1e60).text()


# Whatever comes. ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["text", "latex", "markdown", "html"])
@pytest.mark.parametrize("options", [{}, {"digits": 3}, {"scientific": True}])
def test_every_float_can_be_printed(form, options):
    for number in FLOATS:
        getattr(sf.load(PAGE).at(x=[number, 1.5], **options), form)()


def said(act):
    """What an act that may be refused is refused with."""
    try:
        act()
    except (sf.ValuesError, Undecidable) as error:
        return str(error)
    return None


@settings(max_examples=300)
@given(
    content=st.binary(max_size=300), ending=st.sampled_from([".json", ".npz", ".safetensors"]), at=st.integers(0, 400)
)
def test_any_bytes_are_refused_by_name(tmp_path_factory, content, ending, at):
    folder = tmp_path_factory.getbasetemp()
    good = {
        ".json": lambda path: json_file(path, '{"x": [1, 2.5, "1/3"]}'),
        ".npz": lambda path: npz_file(path, [("x", np.arange(5.0))]),
        ".safetensors": lambda path: safetensors_file(path, {"x": stored("F32", [1], 0, 4)}, b"\0" * 4),
    }
    path = good[ending](folder / f"any{ending}")
    whole = path.read_bytes()
    path.write_bytes(whole[: at % len(whole)] + content + whole[at % len(whole) + len(content) // 2 :])
    message = said(lambda: read_file(path))
    assert message is None or str(path) in message
