"""One page on which a reader turns the sphere and moves β, n and time: it holds its data, and loads nothing."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np

from symformer.dynamics.checks import Array, number, numbers, whole
from symformer.dynamics.drawings import draw_particles
from symformer.dynamics.errors import DynamicsError
from symformer.dynamics.flows import attention_flow
from symformer.dynamics.simulation import Simulation, simulate
from symformer.dynamics.start import hemisphere, uniform
from symformer.pictures.standalone import standalone
from symformer.system import script_json

BETAS = (0.0, 0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 9.0)
TOKENS = (8, 16, 32, 64)
STARTS = {"uniform": uniform, "hemisphere": hemisphere}
SCALE = 32767  # of a coordinate as a 16-bit integer


def sphere_page(
    betas: Sequence[float] = BETAS,
    tokens: Sequence[int] = TOKENS,
    *,
    beta: float | None = None,
    n: int | None = None,
    until: float = 30.0,
    frames: int = 61,
    seed: int = 0,
    start: str = "uniform",
    step: float | None = None,
    normalised: bool = True,
    title: str = "Tokens as particles on the sphere",
) -> str:
    """The page as HTML: a run for each β and n, simulated here, shown there.

    Args:
        betas: the βs that can be chosen.
        tokens: the numbers of tokens that can be chosen, each at least 2.
        beta: the β that the page opens at, which can be chosen, too; by default the middle one.
        n: the number of tokens that it opens at, likewise.
        until: the last time.
        frames: how many times, evenly from 0.
        seed: of the tokens; one n begins with the same tokens for every β.
        start: where tokens begin, "uniform" or "hemisphere".
        step: the largest step; by default the flow's own.
        normalised: SA or USA.
        title: its heading.

    Raises:
        DynamicsError: a number that does not fit.
    """
    times = np.linspace(0.0, number("until", until, above=0.0), whole("frames", frames, 2))
    if start not in STARTS:
        raise DynamicsError(f"start: expected {' or '.join(STARTS)} for a page, got {start}")
    hot, shown = _choices(numbers("betas", betas).tolist(), beta if beta is None else number("beta", beta))
    sizes, still = _choices([whole("tokens", one, 2) for one in tokens], n if n is None else whole("n", n, 2))
    runs = [_runs(hot, STARTS[start](1, size, 3, seed), times, step, normalised) for size in sizes]
    data = {
        "betas": [f"{beta:g}" for beta in hot], "tokens": sizes, "times": [f"{t:.3g}" for t in times],
        "runs": [_plain(simulation, place) for simulation in runs for place in range(len(hot))],
    }  # fmt: skip
    picture = draw_particles(runs[still], f"n = {sizes[still]}, β = {hot[shown]:g}", run=shown)
    return standalone(
        "symformer.dynamics", "sphere", title=title, summary=_summary(normalised),
        data=script_json(data, separators=(",", ":")), betas=len(hot), sizes=len(sizes), frames=len(times),
        beta=shown, size=still, still=picture.svg,
    )  # fmt: skip


def _choices(given: list[Any], first: float | None) -> tuple[list[Any], int]:
    """What can be chosen, and the place of what is shown first."""
    if not given:
        raise DynamicsError("betas, tokens: expected at least one of each")
    if first is None:
        return given, len(given) // 2
    found = given if first in given else sorted([*given, first])
    return found, found.index(first)


def _runs(betas: list[float], tokens: Array, times: Array, step: float | None, normalised: bool) -> Simulation:
    """One run for each β, all from the same tokens (1, n, 3)."""
    start = np.repeat(tokens, len(betas), axis=0)
    return simulate(attention_flow(np.array(betas), normalised=normalised), start, times, step=step)


def _plain(simulation: Simulation, place: int) -> dict[str, Any]:
    positions = np.round(simulation.tokens[:, place] * SCALE).astype("<i2")
    return {
        "positions": base64.b64encode(positions.tobytes()).decode(),
        "energy": [float(f"{value:.6g}") for value in _energy(simulation, place)],
        "clusters": simulation.clusters()[:, place].tolist(),
    }


def _energy(simulation: Simulation, place: int) -> Array:
    beta = simulation.flow.parameters["beta"][place]
    one = Simulation(attention_flow(beta), simulation.times, simulation.states[:, place])
    return one.energy


def _summary(normalised: bool) -> str:
    kind = "the softmax of" if normalised else "exp of β times"
    return (
        f"Each dot is a token on the sphere, moved towards the others by self-attention with weights {kind} their "
        f"cosines{' times β' if normalised else ''} (Q = K = V = I). Depth is time. Drag the sphere, or use the arrow "
        "keys, to turn it."
    )
