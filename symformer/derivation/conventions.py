"""Signs that a page uses and nothing on it declares, each in words: sizes as numbers, δ, ones, I, gradients."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sympy import Symbol

from symformer.display import IDENTITY, ONES, ROW, SOFTMAX
from symformer.notation import Delta, Func, Written, walk
from symformer.typeset import Box, Named, Script, Sign, transform
from symformer.typeset.boxes import Fence, parens, row
from symformer.typeset.names import name_box
from symformer.writers import Inline

MASKED_SOFTMAX = Script(SOFTMAX, Named("M"))
ROW_LENGTHS = Script(Fence("‖", Named("X"), "‖"), ROW)
UNIT_ROWS = row(Named("L2Norm", upright=True), parens(Named("X")))
MATRIX_WORDS = {
    ONES: " is a column of ones",
    IDENTITY: " is the identity matrix",
    MASKED_SOFTMAX: " is the softmax over those entries of a row at which M holds, for any condition or mask M; "
    "the others are 0",
    ROW_LENGTHS: " is the column of the lengths of the rows of X",
    UNIT_ROWS: " is X with each row over its length",
}
FUNCTIONS = {  # functions that are printed as a letter
    "Phi": ("Φ", " is the distribution function of a standard normal number"),
    "sigmoid": ("σ", " is the logistic function"),
}
GRADIENTS: Inline = (
    name_box("dx"), ", for any ", Named("x"), " here, is the gradient of the loss with respect to it",
)  # fmt: skip


def conventions(shown: Sequence[Written], loose: Sequence[Symbol], *, backward: bool) -> Iterator[Inline]:
    """One item for each sign that stands on the page without being declared.

    Args:
        shown: formulas in indices.
        loose: sizes that stand as numbers, and are no axis of anything given.
        backward: whether the page derives gradients.
    """
    if loose:
        names = [item for size in loose for item in (Sign(","), name_box(size.name))][1:]
        yield (row(*names), " is a whole number" if len(loose) == 1 else " are whole numbers", ", at least 1")
    if any(isinstance(part, Delta) for node in shown for part in walk(node)):
        delta = Script(Named("δ"), row(Named("i"), Named("j")))
        yield (delta, " is 1 where its two indices are equal, and 0 elsewhere")
    functions = {part.name for node in shown for part in walk(node) if isinstance(part, Func)}
    yield from ((Named(letter), words) for name, (letter, words) in FUNCTIONS.items() if name in functions)
    if backward:
        yield GRADIENTS


def matrix_conventions(matrices: Iterable[Box]) -> tuple[Inline, ...]:
    """One item for each sign of matrices that stands in some formulas."""
    used = _used(matrices)
    return tuple((box, words) for box, words in MATRIX_WORDS.items() if box in used)


def _operation(part: Box) -> Box | None:
    """The sign of an operation that stands on a page with what it is applied to."""
    if isinstance(part, Script) and part.base == SOFTMAX:
        return MASKED_SOFTMAX
    if isinstance(part, Script) and part.sub == ROW:
        return ROW_LENGTHS
    return UNIT_ROWS if part == UNIT_ROWS.items[0] else None


def _used(boxes: Iterable[Box]) -> set[Box]:
    """Which of the signs of matrices stand somewhere in boxes."""
    found: set[Box] = set()

    def note(part: Box) -> None:
        found.update(sign for sign in (part, _operation(part)) if sign in MATRIX_WORDS)

    for box in boxes:
        transform(box, note)
    return found
