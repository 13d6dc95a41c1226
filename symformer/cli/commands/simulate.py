"""`simulate`: tokens as interacting particles, one equation, one or several runs."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

import symformer
from symformer.cli.command import Command, add_json
from symformer.cli.parser import UsageError, real_number, whole_number
from symformer.cli.particles import MOST, ending, evenly, refusals, span, whole_numbers
from symformer.cli.terminal import print_table
from symformer.system import brief, write_whole
from symformer.values import read_file

MODELS = ("sa", "usa", "pre-norm", "unprojected", "gram", "circle", "kuramoto")
CLOSED = ("gram", "circle", "kuramoto")  # models that are derived for Q = K = V = I
STARTS = ("uniform", "hemisphere", "orthogonal")
SOLVERS = ("rk4", "euler", "DOP853", "RK45", "RK23", "Radau", "BDF", "LSODA")
ENDINGS = (".npz", ".svg", ".html")
PAGE_OPTIONS = {"d": 3, "runs": 1, "weights": None, "solver": "rk4"}  # what a page cannot have otherwise


def fill(child: ArgumentParser) -> None:
    """Its arguments."""
    child.add_argument("--model", choices=MODELS, default="sa", help="the equation; by default sa")
    child.add_argument("--beta", type=real_number, default=4.0, help="inverse temperature; by default 4")
    child.add_argument("-n", type=whole_number, default=32, help="number of tokens; by default 32")
    child.add_argument("-d", type=whole_number, default=3, help="their dimension; by default 3")
    child.add_argument("--runs", type=whole_number, default=1, help="number of runs; by default 1")
    child.add_argument("--seed", type=whole_number, default=0, help="seed of the initial tokens")
    child.add_argument("--start", choices=STARTS, default="uniform", help="where tokens begin")
    child.add_argument("--weights", metavar="VALUES", type=Path, help="a file with Q, K and V, for each head or one")
    child.add_argument("--until", metavar="T", type=real_number, default=30.0, help="the last time; by default 30")
    child.add_argument("--frames", type=whole_number, default=61, help="number of times that are kept; by default 61")
    child.add_argument("--step", type=real_number, help="the largest step of rk4 and euler")
    child.add_argument("--solver", choices=SOLVERS, default="rk4", help="fixed steps, or one of SciPy's")
    child.add_argument(
        "-o", metavar="FILE", type=Path, dest="out", help=".npz: states; .svg: a picture; .html: a sphere that turns"
    )
    child.add_argument("--betas", type=span, help="for .html: the βs to choose from, as 1,2,4 or 0:9:10")
    child.add_argument("--tokens", type=whole_numbers, help="for .html: the numbers of tokens to choose from")
    add_json(child)


def run(options: Namespace) -> int:
    """Simulates, prints what is seen over time, and writes the file."""
    kind = ending(options.out, ENDINGS, "-o") if options.out is not None else None
    if kind == ".html":
        return _page(options)
    simulation = _simulated(options)
    rows = [_row(simulation.at(place)) for place in range(len(simulation.times))]
    if kind == ".npz":
        write_whole(options.out, simulation.packed(seed=options.seed, start=options.start))
    if kind == ".svg":
        heat = f", β = {options.beta:g}" if "beta" in simulation.flow.parameters else ""
        title = f"{simulation.flow.name}, n = {options.n}{heat}"
        write_whole(options.out, symformer.dynamics.draw_particles(simulation, title).svg)
    if options.json:
        print(json.dumps(rows))
        return 0
    head = ("t", "energy", "least cosine", "mean cosine", "clusters")
    print_table(head, [[_shown(value) for value in row.values()] for row in rows])
    return 0


def _page(options: Namespace) -> int:
    if options.model not in ("sa", "usa"):
        raise symformer.dynamics.DynamicsError(f"--model: expected sa or usa for a page, got {options.model}")
    for name, expected in PAGE_OPTIONS.items():
        if getattr(options, name) != expected:
            raise symformer.dynamics.DynamicsError(
                f"{_flag(name)}: a page has {expected or 'none'}, got {getattr(options, name)}"
            )
    given = {name: getattr(options, name) for name in ("betas", "tokens") if getattr(options, name) is not None}
    page = symformer.dynamics.sphere_page(
        beta=options.beta, n=options.n, until=options.until, frames=options.frames, seed=options.seed,
        start=options.start, step=options.step, normalised=options.model == "sa", **given,
    )  # fmt: skip
    write_whole(options.out, page)
    print(f"{options.out}: {len(page.encode())} bytes")
    return 0


def _flag(name: str) -> str:
    return f"-{name}" if len(name) == 1 else f"--{name}"


def _simulated(options: Namespace) -> Any:
    start = _start(options)
    if not 1 <= options.frames <= MOST:
        raise UsageError(f"symformer: --frames: expected 1 to {MOST}, got {options.frames}")
    times = evenly(0.0, options.until, options.frames) if options.frames > 1 else (0.0,)
    fixed = options.solver in ("rk4", "euler")
    how = {"scheme": options.solver, "step": options.step} if fixed else {"method": options.solver}
    return symformer.dynamics.simulate(_flow(options), start, times, **how)


def _flow(options: Namespace) -> Any:
    """The flow of a model, with the weights of a file."""
    room, model, beta = symformer.dynamics, options.model, options.beta
    if model in CLOSED and options.weights is not None:
        raise room.DynamicsError(f"--weights: model {model} has Q = K = V = I")
    if model == "kuramoto":
        return room.kuramoto_flow()
    if model in CLOSED:
        return (room.gram_flow if model == "gram" else room.circle_flow)(beta)
    norm = {"pre-norm": "pre", "unprojected": "none"}.get(model, "post")
    return room.attention_flow(beta, normalised=model != "usa", norm=norm, weights=_weights(options.weights))


def _weights(path: Path | None) -> tuple[Any, Any, Any] | None:
    if path is None:
        return None
    found = read_file(path)
    if set(found) != {"Q", "K", "V"}:
        raise symformer.dynamics.DynamicsError(
            f"{path}: expected Q, K and V, got {brief(', '.join(sorted(found))) or 'nothing'}"
        )
    return found["Q"], found["K"], found["V"]


def _start(options: Namespace) -> Any:
    """Tokens, their Gram matrix, or their angles, as the model wants them."""
    room, runs, n, d = symformer.dynamics, options.runs, options.n, options.d
    if options.model in ("circle", "kuramoto"):
        return room.angles(room.uniform(runs, n, 2, options.seed))
    if options.start == "orthogonal":
        x = room.orthogonal(n, d)[None].repeat(runs, axis=0)
    else:
        x = {"uniform": room.uniform, "hemisphere": room.hemisphere}[options.start](runs, n, d, options.seed)
    return x @ x.mT if options.model == "gram" else x


def _row(seen: Any) -> dict[str, Any]:
    """What is seen at one time: averages over the runs, the least cosine, and the range of clusters."""
    counts = seen.clusters()
    return {
        "t": float(seen.times[0]),
        "energy": float(seen.energy.mean()),
        "least_cosine": float(seen.cosines.min()),
        "mean_cosine": float(seen.cosines.mean()),
        "clusters": sorted({int(counts.min()), int(counts.max())}),
    }


def _shown(value: float | list[int]) -> str:
    return " to ".join(map(str, value)) if isinstance(value, list) else f"{value:.6g}"


COMMAND = Command("simulate", "Move tokens as interacting particles on the sphere.", fill, run, refusals)
