"""Pictures of simulations for the pages of derivations: said in a line there, simulated when the page is built."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from symformer.dynamics.diagram import assembled
from symformer.dynamics.drawings import draw_energy, draw_gamma, draw_particles, draw_phase_diagram
from symformer.dynamics.flows import attention_flow, gram_flow
from symformer.dynamics.grid import Grid, compute
from symformer.dynamics.simulation import Simulation, simulate
from symformer.dynamics.start import uniform
from symformer.pictures import Picture


@dataclass(frozen=True)
class _Run:
    """One run of SA from uniform tokens."""

    title: str
    beta: float
    n: int = 32
    d: int = 3
    until: float = 30.0
    seed: int = 0

    def simulated(self) -> Simulation:
        """The run, at 61 times."""
        start = uniform(1, self.n, self.d, self.seed)
        return simulate(attention_flow(self.beta), start, np.linspace(0.0, self.until, 61))


@dataclass(frozen=True)
class ParticlePicture(_Run):
    """Tokens on the circle or the sphere at six times."""

    def draw(self, worked: object) -> Picture:
        """The picture; it does not depend on the worked example."""
        return draw_particles(self.simulated(), self.title)


@dataclass(frozen=True)
class EnergyPicture(_Run):
    """The energy over time."""

    def draw(self, worked: object) -> Picture:
        """The picture; it does not depend on the worked example."""
        return draw_energy(self.simulated(), self.title)


@dataclass(frozen=True)
class GammaPicture(_Run):
    """γ_β(t) beside the average cosine of simulated tokens in d dimensions."""

    def draw(self, worked: object) -> Picture:
        """The picture; it does not depend on the worked example."""
        x = uniform(1, self.n, self.d, self.seed)
        run = simulate(gram_flow(self.beta), x @ x.mT, np.linspace(0.0, self.until, 61))
        return draw_gamma(run, self.title, self.beta)


@dataclass(frozen=True)
class PhasePicture:
    """A small phase diagram with the curve Γ: the share of pairs of tokens that are together."""

    title: str
    dimensions: Sequence[int] = (2, 128)
    n: int = 32
    runs: int = 2
    until: float = 20.0

    def draw(self, worked: object) -> Picture:
        """The picture; it does not depend on the worked example."""
        betas, times = np.linspace(0.5, 8.0, 16).tolist(), np.linspace(0.0, self.until, 21).tolist()
        grid = Grid(tuple(betas), tuple(times), tuple(self.dimensions), self.n, self.runs)
        found = {piece: compute(piece) for piece in grid.pieces()}
        return draw_phase_diagram(assembled(grid, found), self.title, pairs=True)
