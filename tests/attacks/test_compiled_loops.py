"""Compiled loops where they cannot be as one wishes: no folder, a damaged cache, a forked process, wide numbers."""

from __future__ import annotations

import os
import signal

import numpy as np
import pytest

from symformer import functions, native
from symformer.native import calls
from symformer.system import building

ONE = "int one(void) { return 1; }"
DAMAGES = [lambda whole: b"", lambda whole: whole[: len(whole) // 2], lambda whole: whole[:-9] + b"\1" + whole[-8:]]
X = np.array([[1, -0.2, 0.3], [0.5, 2, -3]])
WIDE = {"softmax": (X,), "layer_norm": (X, X[0], X[0]), "rms_norm_vjp": (X, X, X[0])}  # a library each to compile


@pytest.mark.parametrize("name", WIDE)
def test_numbers_that_c_has_no_room_for_are_computed_in_numpy(name):
    for scale in (np.longdouble(1), np.float32(1e20), np.float32(1e-25), np.float64(1e160), np.float64(-1e-170)):
        given = [one * scale if isinstance(one, np.ndarray) else one for one in WIDE[name]]
        given = [one.astype(scale.dtype) if isinstance(one, np.ndarray) else one for one in given]
        for options in ({}, {"eps": 0}) if "norm" in name else ({},):
            found, wanted = (getattr(room, name)(*given, **options) for room in (native, functions))
            for one, other in zip(found, wanted, strict=True) if isinstance(wanted, tuple) else [(found, wanted)]:
                np.testing.assert_allclose(one, other, rtol=1e-5)
                assert one.dtype == other.dtype


@pytest.mark.parametrize("number", range(len(DAMAGES)))
def test_a_damaged_library_counts_as_none(monkeypatch, tmp_path, number):
    monkeypatch.setenv("SYMFORMER_CACHE", str(tmp_path))
    library = building.built(ONE)
    whole = library.read_bytes()
    library.write_bytes(DAMAGES[number](whole))
    assert building.built(ONE) == library and library.read_bytes() == whole
    library.with_suffix(".sha256").write_bytes(b"\xff")
    assert building.built(ONE) == library


@pytest.mark.parametrize("place", ["a file", "a read-only folder", "no home"])
def test_without_a_cache_the_loops_are_compiled_all_the_same(monkeypatch, tmp_path, place):
    monkeypatch.setenv("SYMFORMER_CACHE", str(tmp_path / "file"))
    (tmp_path / "file").touch()
    if place == "a read-only folder":
        monkeypatch.setenv("SYMFORMER_CACHE", "/proc")
    if place == "no home":
        for name in ("SYMFORMER_CACHE", "XDG_CACHE_HOME", "HOME"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setattr("pwd.getpwuid", lambda uid: (_ for _ in ()).throw(KeyError(uid)))
    assert building.built(ONE).is_file()


@pytest.mark.parametrize(
    ("text", "words"),
    [(b"#!/bin/sh\nexit 3\n", "ended with status 3"), (b"#!/bin/sh\nexit 0\n", "ended with status 0"),
     (b"\0", "cannot be run"), (b"#!/bin/sh\nprintf '\\n\\377no\\nroom' >&2; exit 1\n", "�no")],
)  # fmt: skip
def test_an_odd_compiler_is_one_line(monkeypatch, tmp_path, text, words):
    (tmp_path / "cc").write_bytes(text)
    (tmp_path / "cc").chmod(0o755)
    monkeypatch.setenv("CC", str(tmp_path / "cc"))
    monkeypatch.setenv("SYMFORMER_CACHE", str(tmp_path / "cache"))
    with pytest.raises(ImportError) as caught:
        building.built(ONE)
    assert words in str(caught.value) and "\n" not in str(caught.value)
    assert not list((tmp_path / "cache" / "native").iterdir())


@pytest.mark.parametrize("given", ["²", "9" * 5000, "", "-1", "many"])
def test_an_odd_number_of_threads_is_none(monkeypatch, given):
    monkeypatch.setenv("OMP_NUM_THREADS", given)
    assert calls.threads() == calls._processors()


def test_a_forked_process_does_not_wait_for_threads_of_its_parent(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    x = np.ones((64, 4096))
    native.softmax(x)
    child = os.fork()
    if not child:
        signal.alarm(20)
        os._exit(0 if (native.softmax(x) == 1 / 4096).all() else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
