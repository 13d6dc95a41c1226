"""Checkpoints: the finished pieces of a sweep in a folder beside its result, which one sweep at a time works on."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np

from symformer.dynamics.checks import Array
from symformer.dynamics.diagram import PhaseDiagram, read_diagram
from symformer.dynamics.errors import DynamicsError
from symformer.dynamics.files import difference, packed, unpacked
from symformer.dynamics.grid import Grid, Piece
from symformer.system import PREFIX, readable, write_new, write_whole


class Checkpoint:
    """The folder of finished pieces beside a result.

    Args:
        out: where the result is to be.
        grid: what it is a result of.

    Raises:
        DynamicsError: `out` cannot be written, or it or the folder has other parameters.
    """

    def __init__(self, out: Path, grid: Grid) -> None:
        self.out, self.grid = out, grid
        self.folder = out.with_name(out.name + ".parts")
        if not out.parent.is_dir():
            raise DynamicsError(f"{out}: its folder does not exist")
        if self._label.is_file():
            self._check_label()
        elif self.folder.exists() and not self._is_begun():
            raise DynamicsError(f"{self.folder}: exists and is no checkpoint of a sweep; nothing was overwritten")

    @property
    def _label(self) -> Path:
        return self.folder / "parameters.json"

    def _is_begun(self) -> bool:
        """Whether a sweep ended just after it had made the folder."""
        return self.folder.is_dir() and all(path.name.startswith(PREFIX) for path in self.folder.iterdir())

    def _check_label(self) -> None:
        with readable(self._label, DynamicsError):
            text = self._label.read_text(encoding="utf-8")
        self._same(self.folder, text)

    def _same(self, path: Path, text: str) -> None:
        if text != self.grid.text:
            words = difference(text, self.grid.text)
            raise DynamicsError(f"{path}: is of other parameters, {words}; nothing was overwritten")

    def result(self) -> PhaseDiagram | None:
        """What is already there, where the sweep was finished before."""
        if not self.out.exists():
            return None
        self._same(self.out, unpacked(self.out)[1])
        return read_diagram(self.out)

    @contextmanager
    def held(self) -> Iterator[None]:
        """The folder, made where it is not there, while no other sweep may work on it.

        Raises:
            DynamicsError: another sweep does.
        """
        self.folder.mkdir(exist_ok=True)
        with suppress(FileExistsError):
            write_new(self._label, self.grid.text)
        self._check_label()
        handle = os.open(self._label, os.O_RDONLY)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)  # let go by the system when the process ends
            except OSError as error:
                raise DynamicsError(f"{self.out}: another sweep is at work on it; nothing was overwritten") from error
            yield
        finally:
            os.close(handle)

    def kept(self, pieces: Iterable[Piece]) -> dict[Piece, Array]:
        """The pieces that are in the folder.

        Raises:
            DynamicsError: one of them is damaged, of other parameters, or holds what no sweep counts.
        """
        paths = {piece: self.folder / f"{piece.name}.npz" for piece in pieces}
        return {piece: self._read(path, piece) for piece, path in paths.items() if path.exists()}

    def _read(self, path: Path, piece: Piece) -> Array:
        arrays, text = unpacked(path)
        self._same(path, text)
        shape = (2, len(self.grid.times))
        if "counts" not in arrays or arrays["counts"].shape != shape:
            raise DynamicsError(f"{path}: expected counts of shape {shape}; delete it to go on")
        if not are_counts(arrays["counts"], piece.runs, self.grid.pairs):
            raise DynamicsError(f"{path}: expected counts of {piece.runs} runs, found others; delete it to go on")
        return arrays["counts"]

    def keep(self, piece: Piece, counts: Array) -> None:
        """Writes a finished piece."""
        write_whole(self.folder / f"{piece.name}.npz", packed({"counts": counts}, self.grid.text))

    def finish(self, diagram: PhaseDiagram) -> None:
        """Writes the result and drops the pieces; what says whose they are goes last."""
        write_whole(self.out, diagram.packed())
        for path in self.folder.iterdir():
            if path != self._label:
                path.unlink()
        shutil.rmtree(self.folder)


def are_counts(counts: Array, runs: int, pairs: int) -> bool:
    """Whether these can be: runs with the first two tokens together, and pairs of all runs, these among them."""
    if not np.isfinite(counts).all():
        return False
    together, every = counts
    rest = every - together
    possible = (together >= 0) & (together <= runs) & (rest >= 0) & (rest <= runs * (pairs - 1))
    return bool(possible.all() and (counts == np.floor(counts)).all())
