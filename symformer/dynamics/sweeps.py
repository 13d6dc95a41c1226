"""Sweeps over a grid, in worker processes or on any executor, with checkpoints that a killed sweep resumes from."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import BrokenExecutor, Executor, ProcessPoolExecutor, as_completed
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from symformer.dynamics.checks import Array, whole
from symformer.dynamics.errors import DynamicsError
from symformer.dynamics.files import difference, packed, unpacked, write_bytes
from symformer.dynamics.grid import Grid, Piece, check_steps, compute

Report = Callable[[str, int, int], None]


@dataclass(frozen=True)
class PhaseDiagram:
    """The result of a sweep.

    Attributes:
        grid: its parameters.
        together: the share of runs with ⟨x_1, x_2⟩ ≥ 1 − δ, (dimensions, betas, times).
        pairs: the share of all pairs of tokens of all runs with such a cosine, the same shape: the same probability,
            with less noise.
    """

    grid: Grid
    together: Array
    pairs: Array

    def packed(self) -> bytes:
        """The bytes of its .npz: the arrays, the axes, and the parameters as JSON."""
        axes = {"dimensions": self.grid.dimensions, "betas": self.grid.betas, "times": self.grid.times}
        return packed({"together": self.together, "pairs": self.pairs, **axes}, self.grid.text)


def sweep(
    grid: Grid,
    out: Path | str | None = None,
    *,
    executor: Executor | None = None,
    workers: int | None = None,
    on_done: Report | None = None,
) -> PhaseDiagram:
    """The phase diagram of a grid.

    Args:
        grid: what to compute.
        out: an .npz file. Finished pieces are kept in the folder `out + ".parts"` until it is written, and a sweep that
            was stopped goes on from there, to the same bytes.
        executor: any executor of `concurrent.futures`; it is not shut down.
        workers: how many processes, without an executor; by default one for each processor.
        on_done: is told the name of each piece, how many are done, of how many.

    Raises:
        DynamicsError: `out` or its checkpoint has other parameters, or a step leaves the sphere; nothing is
            overwritten then. Or a worker process died.
    """
    checkpoint = None if out is None else Checkpoint(Path(out), grid)
    finished = None if checkpoint is None else checkpoint.result()
    if finished is not None:
        return finished
    check_steps(grid)
    pieces = grid.pieces()
    found = {} if checkpoint is None else checkpoint.begin(pieces)
    missing = [piece for piece in pieces if piece not in found]
    with _executor(executor, workers, len(missing)) as pool:
        for piece, counts in _computed(pool, missing):
            found[piece] = counts
            if checkpoint is not None:
                checkpoint.keep(piece, counts)
            if on_done is not None:
                on_done(piece.name, len(found), len(pieces))
    diagram = assembled(grid, found)
    if checkpoint is not None:
        checkpoint.finish(diagram)
    return diagram


def read_diagram(path: Path | str) -> PhaseDiagram:
    """The phase diagram in an .npz file.

    Raises:
        DynamicsError: it holds none.
    """
    arrays, text = unpacked(Path(path))
    try:
        given = json.loads(text)
        given.pop("format")
        grid = Grid(**given)
        return PhaseDiagram(grid, arrays["together"], arrays["pairs"])
    except (KeyError, TypeError, ValueError) as error:
        raise DynamicsError(f"{path}: expected the phase diagram of a sweep, got {type(error).__name__}") from error


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
        if self.folder.exists() and not self._label.is_file():
            raise DynamicsError(f"{self.folder}: exists and is no checkpoint of a sweep; nothing was overwritten")
        if self._label.is_file():
            self._same(self.folder, self._label.read_text(encoding="utf-8"))

    @property
    def _label(self) -> Path:
        return self.folder / "parameters.json"

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

    def begin(self, pieces: Iterable[Piece]) -> dict[Piece, Array]:
        """Makes the folder, and returns the pieces that are in it."""
        if not self.folder.exists():
            fresh = Path(tempfile.mkdtemp(prefix=f".{self.folder.name}.", dir=self.folder.parent))
            (fresh / self._label.name).write_text(self.grid.text, encoding="utf-8")
            fresh.rename(self.folder)
        paths = {piece: self.folder / f"{piece.name}.npz" for piece in pieces}
        return {piece: self._read(path) for piece, path in paths.items() if path.exists()}

    def _read(self, path: Path) -> Array:
        arrays, text = unpacked(path)
        self._same(path, text)
        if "counts" not in arrays or arrays["counts"].shape != (2, len(self.grid.times)):
            raise DynamicsError(f"{path}: expected counts of shape (2, {len(self.grid.times)}); delete it to go on")
        return arrays["counts"]

    def keep(self, piece: Piece, counts: Array) -> None:
        """Writes a finished piece."""
        write_bytes(self.folder / f"{piece.name}.npz", packed({"counts": counts}, self.grid.text))

    def finish(self, diagram: PhaseDiagram) -> None:
        """Writes the result and drops the pieces."""
        write_bytes(self.out, diagram.packed())
        shutil.rmtree(self.folder)


def _executor(executor: Executor | None, workers: int | None, pieces: int) -> Any:
    if executor is not None:
        return nullcontext(executor)
    wanted = whole("workers", workers if workers is not None else os.cpu_count() or 1, 1)
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(max(1, min(wanted, pieces)), context, _end_on_interrupt)


def _end_on_interrupt() -> None:
    """A worker ends quietly where the user interrupts the sweep; the parent says what there is to say."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _computed(pool: Executor, pieces: list[Piece]) -> Iterable[tuple[Piece, Array]]:
    """Each piece as it is finished; what is left is called off where one fails."""
    futures = {pool.submit(compute, piece): piece for piece in pieces}
    try:
        for future in as_completed(futures):
            yield futures[future], future.result()
    except BrokenExecutor as error:
        raise DynamicsError("executor: a worker ended before its piece was done; run again to go on") from error
    finally:
        for future in futures:
            future.cancel()


def assembled(grid: Grid, found: dict[Piece, Array]) -> PhaseDiagram:
    """The diagram of a grid from the counts of all its pieces."""
    counts = np.zeros((2, len(grid.dimensions), len(grid.betas), len(grid.times)))
    for piece, part in found.items():
        counts[:, piece.dimension, piece.beta] += part
    every = grid.runs * grid.n * (grid.n - 1) / 2
    return PhaseDiagram(grid, counts[0] / grid.runs, counts[1] / every)
