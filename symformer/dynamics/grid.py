"""What a sweep computes: its parameters, and the pieces that it falls into."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from symformer.dynamics.checks import Array, number, numbers, whole
from symformer.dynamics.errors import DynamicsError
from symformer.dynamics.flows import Flow, attention_flow, gram_flow
from symformer.dynamics.integrate import advance
from symformer.dynamics.start import uniform

RUNS_AT_ONCE = 64  # runs in a piece: part of the result, since floating point may depend on it, so never a setting
FORMAT = 1


@dataclass(frozen=True)
class Grid:
    """A phase diagram: how often ⟨x_1, x_2⟩ ≥ 1 − δ at each β and t, for each d.

    Attributes:
        betas: inverse temperatures.
        times: increasing, not negative.
        dimensions: each at least 2.
        n: tokens, uniform on the sphere.
        runs: runs a cell; run k begins with the same tokens for every β.
        model: "sa" or "usa".
        seed: of the tokens.
        delta: how much less than 1 a cosine may be.
        step: the largest step of Runge and Kutta's scheme; by default 0.1 for SA and 0.2 exp(−β) for USA.
    """

    betas: tuple[float, ...]
    times: tuple[float, ...]
    dimensions: tuple[int, ...] = (2, 8, 32, 128, 512, 1024)
    n: int = 32
    runs: int = 64
    model: str = "sa"
    seed: int = 0
    delta: float = 1e-3
    step: float | None = None

    def __post_init__(self) -> None:
        if self.model not in ("sa", "usa"):
            raise DynamicsError(f"model: expected 'sa' or 'usa', got {self.model!r}")
        object.__setattr__(self, "betas", _floats("betas", self.betas))
        object.__setattr__(self, "times", _floats("times", self.times))
        object.__setattr__(self, "dimensions", tuple(whole("dimensions", d, 2) for d in self.dimensions))
        if list(self.times) != sorted(set(self.times)) or self.times[0] < 0:
            raise DynamicsError("times: expected increasing numbers, none below 0")
        if not self.dimensions or len(set(self.dimensions)) != len(self.dimensions):
            raise DynamicsError(f"dimensions: expected different ones, at least one, got {self.dimensions}")
        for name, least in (("n", 2), ("runs", 1), ("seed", 0)):
            object.__setattr__(self, name, whole(name, getattr(self, name), least))
        object.__setattr__(self, "delta", number("delta", self.delta, above=0.0))
        if self.delta >= 1:
            raise DynamicsError(f"delta: expected less than 1, got {self.delta}")
        if self.step is not None:
            object.__setattr__(self, "step", number("step", self.step, above=0.0))

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters as plain data."""
        return {"format": FORMAT, **asdict(self)}

    @property
    def text(self) -> str:
        """The parameters as one line of JSON: equal for equal grids."""
        return json.dumps(self.parameters, sort_keys=True)

    @property
    def pairs(self) -> int:
        """How many pairs of tokens a run has."""
        return self.n * (self.n - 1) // 2

    def pieces(self) -> list[Piece]:
        """All pieces, in the order of dimensions, β and runs."""
        return [
            Piece(self, place, row, first, min(RUNS_AT_ONCE, self.runs - first))
            for place in range(len(self.dimensions))
            for row in range(len(self.betas))
            for first in range(0, self.runs, RUNS_AT_ONCE)
        ]


@dataclass(frozen=True)
class Piece:
    """Some runs of one dimension and one β.

    Attributes:
        grid: what it is a piece of.
        dimension: the place of its dimension.
        beta: the place of its β.
        first: its first run.
        runs: how many.
    """

    grid: Grid
    dimension: int
    beta: int
    first: int
    runs: int

    @property
    def name(self) -> str:
        """Its name in a folder."""
        return f"d{self.dimension}-b{self.beta}-r{self.first}"


def compute(piece: Piece) -> Array:
    """How many runs have x_1 and x_2 together at each time, and how many pairs of tokens are: (2, T).

    Where d is at least n the Gram matrix is moved instead of the tokens, which costs the same for every d. A run whose
    cosines are all at least 1 − δ is not followed further: where all are positive, the least never falls, as the book
    derives.
    """
    grid = piece.grid
    d, beta = grid.dimensions[piece.dimension], grid.betas[piece.beta]
    flow, state = begin(grid, d, beta, piece.runs, piece.first)
    small, step = d < grid.n, grid.step or flow.step
    t, merged = 0.0, 0
    counts = np.zeros((2, len(grid.times)))
    for place, until in enumerate(grid.times):
        steps = int(np.ceil((until - t) / step - 1e-9))
        for k in range(steps):
            state = advance(flow, t + (until - t) * k / steps, state, (until - t) / steps) if len(state) else state
        t = until
        together = (state @ state.mT if small else state) >= 1 - grid.delta
        over = together.all(axis=(-2, -1))
        counts[:, place] = together[:, 0, 1].sum() + merged, np.triu(together, 1).sum() + merged * grid.pairs
        state, merged = state[~over], merged + int(over.sum())
    return counts


def begin(grid: Grid, d: int, beta: float, runs: int = 1, first: int = 0) -> tuple[Flow, Array]:
    """The flow of a dimension and a β, and where runs begin: tokens for d < n, else their Gram matrices."""
    x = uniform(runs, grid.n, d, grid.seed, first)
    normalised = grid.model == "sa"
    if d < grid.n:
        return attention_flow(beta, normalised=normalised), x
    return gram_flow(beta, normalised=normalised), x @ x.mT


def check_steps(grid: Grid) -> None:
    """One step of the given size for each β.

    Raises:
        DynamicsError: it leaves the sphere, or a β is too large for its model.
    """
    for beta in grid.betas:
        flow, state = begin(grid, grid.dimensions[0], beta)
        advance(flow, 0.0, state, grid.step or flow.step)


def _floats(name: str, values: Any) -> tuple[float, ...]:
    array = numbers(name, values)
    if array.ndim != 1 or not len(array):
        raise DynamicsError(f"{name}: expected a list of numbers, got shape {array.shape}")
    return tuple(float(value) for value in array)
