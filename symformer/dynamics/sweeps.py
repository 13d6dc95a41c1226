"""Sweeps over a grid, in worker processes or on any executor, with checkpoints that a killed sweep resumes from."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable
from concurrent.futures import BrokenExecutor, Executor, ProcessPoolExecutor, as_completed
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from symformer.dynamics.checkpoint import Checkpoint
from symformer.dynamics.checks import Array, whole
from symformer.dynamics.diagram import PhaseDiagram, assembled
from symformer.dynamics.errors import DynamicsError
from symformer.dynamics.grid import Grid, Piece, check_steps, compute

Report = Callable[[str, int, int], None]


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


def _executor(executor: Executor | None, workers: int | None, pieces: int) -> Any:
    if executor is not None:
        return nullcontext(executor)
    wanted = whole("workers", workers if workers is not None else os.cpu_count() or 1, 1)
    return ProcessPoolExecutor(max(1, min(wanted, pieces)), initializer=_finish_what_is_begun)


def _finish_what_is_begun() -> None:
    """Where the user interrupts the sweep, workers finish their pieces, and the parent says what there is to say."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


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
