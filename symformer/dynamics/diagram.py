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
    every = grid.runs * grid.n * (grid.n - 1) / 2
    return PhaseDiagram(grid, counts[0] / grid.runs, counts[1] / every)


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
