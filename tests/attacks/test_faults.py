"""A build, a sweep and an export, killed at every point of writing: what is there is the old or the new, whole."""

from __future__ import annotations

import os
import types

import pytest

from attacks.test_books import GOOD, files_of, folder_of
from symformer.book import build
from symformer.cli import main
from symformer.dynamics import Grid, sweep
from symformer.system import writing

POINTS = 100
CALLS = ("open", "write", "fsync", "replace", "link", "chmod", "close", "unlink")


class Killed(BaseException):
    """The process is gone: nothing it would do afterwards is done."""


class Faults:
    """The calls of the system that writing makes, killed at one of them, or told that the disk is full."""

    def __init__(self, at, error=None, most=64):
        self.at, self.error, self.most, self.done = at, error, most, 0
        for name in CALLS:
            setattr(self, name, types.MethodType(self.counted(name, getattr(os, name)), self))

    def __getattr__(self, name):
        return getattr(os, name)

    def counted(self, name, call):
        """A call that is counted, and not made at the point of death or after it."""

        def counting(self, *arguments, **named):
            self.done += 1
            if self.done > self.at and self.error is None:
                raise Killed
            if self.error is not None and self.done > self.at and name == "write":
                raise OSError(28, "No space left on device")
            if name == "write":
                arguments = (arguments[0], arguments[1][: self.most])  # a system may write less than it is asked to
            return call(*arguments, **named)

        return counting


def killed_at(monkeypatch, point, act, **faults):
    """Whether an act dies at a point."""
    with monkeypatch.context() as patch:
        patch.setattr(writing, "os", Faults(point, **faults))
        try:
            act()
        except (Killed, OSError):
            return True
        return False


def settled(folder):
    """The files of a folder but for what was not yet in its place."""
    return {path: content for path, content in files_of(folder).items() if not path.name.startswith(writing.PREFIX)}


@pytest.mark.parametrize("fault", [{}, {"error": "full"}], ids=["killed", "disk full"])
def test_an_export(tmp_path, monkeypatch, capsys, fault):
    out = tmp_path / "softmax.py"
    assert main(["export", "softmax", "-o", str(out)]) == 0
    new = out.read_bytes()
    seen = set()
    for point in range(POINTS):
        out.write_bytes(b"old")
        died = killed_at(monkeypatch, point, lambda: main(["export", "softmax", "-o", str(out)]), **fault)
        seen.add((died, out.read_bytes()))
        assert set(settled(tmp_path)) == {out}
        assert fault == {} or not [path for path in tmp_path.iterdir() if path != out]
    assert {content for _, content in seen} <= {b"old", new}
    assert out.read_bytes() in (b"old", new) and len(seen) > 0
    capsys.readouterr()


def test_a_build(tmp_path, monkeypatch):
    folder, out = folder_of(tmp_path / "book", one=GOOD, two=GOOD, three=GOOD), tmp_path / "out"
    build(folder, out, pdf=False)
    old = settled(out)
    folder_of(folder, **{name: GOOD.replace("An idea", f"Idea {name}") for name in ("one", "two", "three")})
    build(folder, tmp_path / "new", pdf=False)
    new = {out / path.relative_to(tmp_path / "new"): content for path, content in settled(tmp_path / "new").items()}
    for point in range(POINTS):
        for path, content in old.items():
            path.write_bytes(content)
        assert killed_at(monkeypatch, point, lambda: build(folder, out, pdf=False), most=512)
        found = settled(out)
        assert set(found) == set(old) == set(new)
        assert all(content in (old[path], new[path]) for path, content in found.items())
    assert build(folder, out, pdf=False).problems == []
    assert settled(out) == new


def test_a_sweep(tmp_path, monkeypatch):
    grid = Grid((0.5, 1.0, 2.0), (0.0, 1.0), (2, 3), n=4, runs=3)
    sweep(grid, tmp_path / "whole.npz", workers=1)
    whole, out = (tmp_path / "whole.npz").read_bytes(), tmp_path / "phase.npz"
    finished = 0
    for point in range(POINTS):
        died = killed_at(monkeypatch, point, lambda: sweep(grid, out, executor=Alone()), most=200)
        assert not out.exists() or out.read_bytes() == whole
        finished += not died
        if point % 20 == 19:
            sweep(grid, out, executor=Alone())
            assert out.read_bytes() == whole
            assert not (tmp_path / "phase.npz.parts").exists()
            out.unlink()
    assert finished < POINTS


class Alone:
    """An executor that does what it is given at once."""

    def submit(self, function, *arguments):
        from concurrent.futures import Future

        future = Future()
        future.set_result(function(*arguments))
        return future
