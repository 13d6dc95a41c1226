"""What is said where array notation, or a NumPy function, cannot be followed: one line with the place and the cure."""

from __future__ import annotations

from symformer.arrays.frames import Place, here
from symformer.notation import NotationError


class ArrayError(NotationError):
    """Array notation that has no meaning, or a NumPy function that cannot be followed.

    The message is one line: file, line, function, the source, what is wrong, what to write.
    """

    def __init__(self, wrong: str, cure: str = "", place: Place | None = None) -> None:
        found = place if place is not None else here()
        said = " ".join((f"{wrong}; {cure}" if cure else wrong).split())
        super().__init__(f"{found}: {said}" if found is not None else said)


class ArrayShapeError(ArrayError):
    """Shapes that do not fit."""
