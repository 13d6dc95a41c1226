"""Sweeps over a grid, in worker processes or on any executor, with checkpoints that a killed sweep resumes from."""

from __future__ import annotations

from collections.abc import Callable, Generator
from concurrent.futures import BrokenExecutor, Executor, as_completed
from contextlib import closing, nullcontext
from pathlib import Path

from symformer.dynamics.checkpoint import Checkpoint
from symformer.dynamics.checks import Array, whole
from symformer.dynamics.diagram import PhaseDiagram, assembled
from symformer.dynamics.errors import DynamicsError
from symformer.dynamics.grid import Grid, Piece, check_steps, compute
from symformer.system import Lost, Raised, worked

ENDED = "executor: a worker ended before its piece was done; run again to go on"
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
    workers = None if workers is None else whole("workers", workers, 1)
    checkpoint = None if out is None else Checkpoint(Path(out), grid)
    finished = None if checkpoint is None else checkpoint.result()
    if finished is not None:
        return finished
    check_steps(grid)
    with nullcontext() if checkpoint is None else checkpoint.held():
        diagram = _swept(grid, checkpoint, executor, workers, on_done)
        if checkpoint is not None:
            checkpoint.finish(diagram)
    return diagram


def _swept(
    grid: Grid, checkpoint: Checkpoint | None, executor: Executor | None, workers: int | None, on_done: Report | None
) -> PhaseDiagram:
    pieces = grid.pieces()
    found = {} if checkpoint is None else checkpoint.kept(pieces)
    missing = [piece for piece in pieces if piece not in found]
    computed = _by_workers(missing, workers) if executor is None else _by_executor(executor, missing)
    with closing(computed):
        for piece, counts in computed:
            found[piece] = counts
            if checkpoint is not None:
                checkpoint.keep(piece, counts)
            if on_done is not None:
                on_done(piece.name, len(found), len(pieces))
    return assembled(grid, found)


def _by_workers(pieces: list[Piece], workers: int | None) -> Generator[tuple[Piece, Array], None, None]:
    """Each piece as it is finished, in processes of our own, which end with this one."""
    with closing(worked(compute, [(piece,) for piece in pieces], workers)) as outcomes:
        for number, outcome in outcomes:
            if isinstance(outcome, Lost):
                raise DynamicsError(f"{ENDED} ({pieces[number].name} {outcome.why})")
            if isinstance(outcome, Raised):
                raise outcome.error
            yield pieces[number], outcome


def _by_executor(pool: Executor, pieces: list[Piece]) -> Generator[tuple[Piece, Array], None, None]:
    """Each piece as it is finished; what is left is called off where one fails."""
    futures = {pool.submit(compute, piece): piece for piece in pieces}
    try:
        for future in as_completed(futures):
            yield futures[future], future.result()
    except BrokenExecutor as error:
        raise DynamicsError(ENDED) from error
    finally:
        for future in futures:
            future.cancel()
