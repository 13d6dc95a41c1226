"""The result of a sweep: a phase diagram, put together from pieces, and its file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from symformer.dynamics.checks import Array
from symformer.dynamics.errors import DynamicsError
from symformer.dynamics.files import packed, unpacked
from symformer.dynamics.grid import Grid, Piece
from symformer.system import readable


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


def assembled(grid: Grid, found: dict[Piece, Array]) -> PhaseDiagram:
    """The diagram of a grid from the counts of all its pieces."""
    counts = np.zeros((2, len(grid.dimensions), len(grid.betas), len(grid.times)))
    for piece, part in found.items():
        counts[:, piece.dimension, piece.beta] += part
    return PhaseDiagram(grid, counts[0] / grid.runs, counts[1] / (grid.runs * grid.pairs))


def read_diagram(path: Path | str) -> PhaseDiagram:
    """The phase diagram in an .npz file.

    Raises:
        DynamicsError: it holds none.
    """
    arrays, text = unpacked(Path(path))
    with readable(Path(path), DynamicsError, "expected the phase diagram of a sweep"):
        given = json.loads(text)
        given.pop("format")
        grid = Grid(**given)
        for name in ("together", "pairs"):
            _check_shares(name, arrays[name], (len(grid.dimensions), len(grid.betas), len(grid.times)))
    return PhaseDiagram(grid, arrays["together"], arrays["pairs"])


def _check_shares(name: str, shares: Array, shape: tuple[int, ...]) -> None:
    if shares.shape != shape or not ((shares >= 0) & (shares <= 1)).all():
        raise ValueError(f"{name}: expected fractions between 0 and 1, of shape {shape}, found shape {shares.shape}")
