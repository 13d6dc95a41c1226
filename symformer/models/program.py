"""An architecture's program, counted: what its inputs are, which part a statement belongs to, what decoding keeps."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Expr, Symbol

from symformer.cost import Counts, count
from symformer.models import letters as at
from symformer.models.architecture import Architecture
from symformer.models.streams import CONSTANTS
from symformer.notation import Tensor, sizes
from symformer.programs import Repeat

B: Symbol = sizes("b")  # sequences in a batch
LENGTHS = (at.n, at.m, at.n_P, at.n_K)
OUTPUTS = frozenset({"logits", "uncapped", "labels", "pooled"})


def parameter_parts(architecture: Architecture) -> dict[str, str]:
    """The part that each parameter of the program belongs to, by its name there."""
    found = {symbol: stored.part for stored in architecture.outside for symbol, _ in stored.symbols}
    for stack, mark in zip(architecture.stacks, architecture.marks, strict=True):
        found |= {symbol + mark: stored.part for stored in stack.rows for symbol, _ in stored.symbols}
    return found


def counts_of(architecture: Architecture) -> Counts:
    """What the program takes, in symbols, for b sequences."""
    program = architecture.program
    known = parameter_parts(architecture)
    learned = [tensor.name for tensor in program.inputs if tensor.name in known]
    varied = [tensor.name for tensor in program.inputs if tensor.name not in known and not is_constant(tensor)]
    return count(program, learned, data=varied, batch=B, positions=LENGTHS)


def is_constant(tensor: Tensor) -> bool:
    """Whether an input is the same for every sequence of a batch."""
    return tensor.name.split("_")[0] in CONSTANTS or tensor.name in CONSTANTS


def parts_of(architecture: Architecture, counts: Counts) -> dict[str, str]:
    """The part of each statement, by its key: that of the parameters it reads, else that of what reads it first."""
    known = parameter_parts(architecture)
    readers: dict[str, str] = {}
    found: dict[str, str] = {}
    for statement in counts.statements:
        for source in statement.sources:
            readers.setdefault(source, statement.key)
    for statement in reversed(counts.statements):
        own = [known[name] for name in statement.reads if name in known]
        if statement.name in OUTPUTS:
            found[statement.key] = "head"
        else:
            found[statement.key] = own[0] if own else found.get(readers.get(statement.key, ""), "residual")
    return found


def cached_tensors(architecture: Architecture) -> Iterator[tuple[Tensor, Expr]]:
    """The tensors of a layer that decoding keeps, and in how many layers."""
    for tensor in architecture.program.statements:
        if isinstance(tensor.origin, Repeat):
            loop = tensor.origin.loop
            wanted = architecture.cached.get(loop.size, ())
            yield from ((inner, loop.size) for inner in loop.statements if inner.name in wanted)
