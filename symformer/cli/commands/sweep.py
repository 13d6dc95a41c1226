"""`sweep`: the phase diagram of tokens as particles, over β, time and dimension."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import symformer
from symformer.cli.command import Command
from symformer.cli.parser import UsageError, real_number, whole_number
from symformer.cli.particles import ending, refusals, span, whole_numbers
from symformer.cli.terminal import progress_of
from symformer.system import write_whole

INTERRUPTED = 130  # as a shell says it


def fill(child: ArgumentParser) -> None:
    """Its arguments."""
    child.add_argument("-o", metavar="FILE", type=Path, dest="out", required=True, help="the .npz to write")
    child.add_argument("--betas", type=span, default=span("0.1:9:24"), help="as 1,2,4 or 0.1:9:24, the default")
    child.add_argument("--times", type=span, default=span("0:30:31"), help="as 1,2,4 or 0:30:31, the default")
    child.add_argument(
        "--dims", type=whole_numbers, default=(2, 8, 32, 128, 512, 1024), help="by default 2,8,32,128,512,1024"
    )
    child.add_argument("-n", type=whole_number, default=32, help="number of tokens; by default 32")
    child.add_argument(
        "--runs", type=whole_number, default=64, help="runs for each cell; by default 64 (the paper has 1024)"
    )
    child.add_argument("--model", choices=("sa", "usa"), default="sa", help="by default sa")
    child.add_argument("--seed", type=whole_number, default=0, help="seed of the initial tokens")
    child.add_argument("--delta", type=real_number, default=1e-3, help="how much less than 1 a cosine may be")
    child.add_argument("--step", type=real_number, help="the largest step")
    child.add_argument("--workers", type=whole_number, help="worker processes; by default one for each processor")
    child.add_argument("--dask", metavar="ADDRESS", help="run on this Dask cluster instead, as tcp://HOST:PORT")
    child.add_argument("--picture", metavar="FILE", type=Path, help="an .svg of the diagram with the curve Γ")


def run(options: Namespace) -> int:
    """Computes what is not there yet, and writes the result."""
    ending(options.out, (".npz",), "-o")
    if options.picture is not None:
        ending(options.picture, (".svg",), "--picture")
    grid = symformer.dynamics.Grid(
        options.betas, options.times, options.dims, options.n, options.runs, options.model, options.seed,
        options.delta, options.step,
    )  # fmt: skip
    try:
        with _dask(options.dask) as executor, progress_of("sweeping") as report:
            diagram = symformer.dynamics.sweep(
                grid, options.out, executor=executor, workers=options.workers, on_done=report
            )
    except KeyboardInterrupt:
        print(f"symformer: stopped; the same command goes on from {options.out}.parts", file=sys.stderr)
        return INTERRUPTED
    if options.picture is not None:
        title = f"Two tokens together, n = {grid.n}"
        picture = symformer.dynamics.draw_phase_diagram(diagram, title)
        write_whole(options.picture, picture.svg)
    print(f"{options.out}: {len(grid.dimensions)} x {len(grid.betas)} x {len(grid.times)} cells of {grid.runs} runs")
    return 0


@contextmanager
def _dask(address: str | None) -> Iterator[Any]:
    """An executor of a Dask cluster, or None."""
    if address is None:
        yield None
        return
    try:
        distributed = import_module("distributed")
    except ModuleNotFoundError as error:
        raise UsageError("symformer: --dask: distributed is not installed: pip install '.[distributed]'") from error
    try:
        client = distributed.Client(address, timeout="10s")
    except (OSError, ValueError) as error:
        raise UsageError(f"symformer: --dask: {address}: {error}") from error
    with client, client.get_executor() as executor:
        yield executor


COMMAND = Command("sweep", "The phase diagram of tokens as particles, over β, time and dimension.", fill, run, refusals)
