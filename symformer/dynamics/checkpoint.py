"""Checkpoints: the finished pieces of a sweep in a folder beside its result."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from symformer.dynamics.checks import Array
from symformer.dynamics.diagram import PhaseDiagram, read_diagram
from symformer.dynamics.errors import DynamicsError
from symformer.dynamics.files import difference, packed, unpacked, write_bytes
from symformer.dynamics.grid import Grid, Piece


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
