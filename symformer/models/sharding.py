"""How the parameters of a model are cut, as data: a letter of an axis, and the parallelism that cuts it.

Megatron-LM's columns and rows (Shoeybi et al. 2019, arXiv:1909.08053, section 3; Narayanan et al. 2021,
arXiv:2104.04473): heads, the hidden features of feed-forward blocks, words. Whether a matrix is cut by columns or by
rows is which of its axes has such a letter.
"""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Expr

from symformer.cost import EXPERT, EXPERT_TENSOR, PIPELINE, TENSOR, Axes, Cuts, Sharded, shard
from symformer.models import letters as at
from symformer.models.architecture import Architecture
from symformer.models.layout import Stored, axis_size
from symformer.models.program import LENGTHS, B, is_constant, parameter_parts

CUT_BY: dict[str, str] = {
    "h": TENSOR,  # heads
    "k": TENSOR,  # heads of a decoder
    "g": TENSOR,  # groups of heads, and with them the heads in each
    "f": TENSOR,  # hidden features
    "y": TENSOR,  # hidden features of a decoder
    "z": TENSOR,  # hidden features of shared experts
    "v": TENSOR,  # words
    "s": EXPERT_TENSOR,  # hidden features of an expert
}
WORDS: dict[str, str] = {
    "h": "heads", "k": "heads of the decoder", "g": "groups of keys and values", "f": "hidden features",
    "y": "hidden features of the decoder", "z": "hidden features of the shared experts", "v": "words",
    "s": "hidden features of an expert",
}  # fmt: skip


def axes_of(stored: Stored, letters: tuple[str, ...]) -> Axes:
    """What cuts the axes of a symbol that a row of the table holds; the experts of a row are its first axis."""
    own: Axes = tuple(CUT_BY.get(letter) for letter in letters if letter != "1")
    return (EXPERT, *own) if "{x}" in stored.name else own


def cuts_of(architecture: Architecture) -> Cuts:
    """For each parameter of the program what cuts its axes; the layers of a stack are its first axis."""
    outside = {symbol: axes_of(row, letters) for row in architecture.outside for symbol, letters in row.symbols}
    for stack, mark in zip(architecture.stacks, architecture.marks, strict=True):
        own = {symbol: axes_of(row, letters) for row in stack.rows for symbol, letters in row.symbols}
        outside |= {symbol + mark: (PIPELINE, *axes) for symbol, axes in own.items()}
    return outside


def sharded(architecture: Architecture) -> Sharded:
    """The program of b sequences with its parameters cut, counted in symbols."""
    program = architecture.program
    known = parameter_parts(architecture)
    cuts = cuts_of(architecture)
    learned = [tensor.name for tensor in program.inputs if tensor.name in known]
    varied = [tensor.name for tensor in program.inputs if tensor.name not in known and not is_constant(tensor)]
    used = {name: cuts[name] for name in learned}
    return shard(program, used, learned, data=varied, batch=B, positions=LENGTHS)


def cut_sizes(architecture: Architecture) -> Iterator[tuple[str, str, Expr]]:
    """The sizes that a degree has to divide: the parallelism, a word for what is divided, and the size."""
    rows = [*architecture.outside, *(row for stack in architecture.stacks for row in stack.rows)]
    used = {letter for row in rows for _, letters in row.symbols for letter in letters}
    yield from ((CUT_BY[letter], WORDS[letter], axis_size(letter)) for letter in CUT_BY if letter in used)
    if any("{x}" in row.name for row in rows):
        yield EXPERT, "experts", at.n_X


def rows_by_place(architecture: Architecture) -> Iterator[tuple[str, Stored, str, Axes, Expr]]:
    """Every symbol of the table: its stack or "", its row, its name in the program, its cuts, its numbers."""
    for row in architecture.outside:
        yield from (("", row, symbol, axes_of(row, letters), _numbers(row, letters)) for symbol, letters in row.symbols)
    for stack, mark in zip(architecture.stacks, architecture.marks, strict=True):
        for row in stack.rows:
            for symbol, letters in row.symbols:
                yield str(stack.layers), row, symbol + mark, axes_of(row, letters), _numbers(row, letters)


def _numbers(row: Stored, letters: tuple[str, ...]) -> Expr:
    total: Expr = at.n_X if "{x}" in row.name else axis_size("1")
    for letter in letters:
        total = total * axis_size(letter)
    return total
