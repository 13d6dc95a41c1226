"""What a page computes: one result for each chain of equations, with the axes of the chain's first line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, count
from typing import NamedTuple

from sympy import Symbol

from symformer.compile import CompileError, compilable
from symformer.derivation.lines import Line
from symformer.notation import Derivative, Element, Range, Tensor, Var, Written, merge_ranges, walk
from symformer.programs import Computed, Program, define, program, reachable


class _Result(NamedTuple):
    """What a chain computes, and the name that it is to get; none for a tensor that has one."""

    tensor: Computed
    name: str | None = None


def results_program(chains: Sequence[Sequence[Line]], inputs: Sequence[Tensor]) -> Program:
    """What every chain computes from the inputs, as a program.

    Args:
        chains: the lines of a derivation, chain by chain.
        inputs: its inputs, in the order in which a function takes them.

    Raises:
        CompileError: no chain has an array form that depends on an input.
    """
    found: list[_Result] = []
    reason = "no chain computes anything from the inputs"
    for lines in chains:
        for result in _results(lines):
            try:
                compilable(program(result.tensor))
            except CompileError as error:
                reason = str(error)
                continue
            found.append(result)
            break
    if not found:
        raise CompileError(reason)
    outputs = tuple(dict.fromkeys(_named(found)))
    used = {tensor.digest for tensor in reachable(*outputs)}
    return Program(tuple(tensor for tensor in inputs if tensor.digest in used), outputs)


def _results(lines: Sequence[Line]) -> Iterator[_Result]:
    """What a chain of equations is about: the tensor whose entry it begins with, or what it arrives at.

    Both are equal, as the chain says; the second is there for derivatives, which have no array form.
    """
    opening, last = lines[0].formula, _last(lines)
    tensor = opening.tensor if isinstance(opening, Element) and _is_general(opening) else None
    if isinstance(tensor, Computed) and tensor.label is None:
        yield _Result(tensor)
    if last is not None and any(tensor.origin is None for tensor in reachable(last)):
        yield _Result(last, _name(opening))


def _is_general(entry: Element) -> bool:
    return None not in entry.symbols and len(set(entry.symbols)) == len(entry.symbols)


def _last(lines: Sequence[Line]) -> Computed | None:
    """What a chain of equations arrives at; None where that is an input."""
    equal = [lines[0]]
    for line in lines[1:]:
        if line.expected is None and line.relation != "=":
            break
        equal += [line] if line.expected is None else []
    last = equal[-1].formula
    if isinstance(last, Element) and last.tensor.origin is None:
        return None
    spans: Mapping[Symbol, Range] = merge_ranges(*(line.formula.ranges for line in equal))
    free = [symbol for symbol in _in_order(lines[0].formula, last) if symbol in spans]
    return define("result", tuple((index, spans[index].size) for index in free), last)


def _in_order(*nodes: Written) -> list[Symbol]:
    """The free symbols, in the order in which they are first written."""
    parts = (part for node in nodes for part in walk(node) if isinstance(part, Var))
    free = frozenset[Symbol]().union(*(node.free for node in nodes))
    return [symbol for symbol in dict.fromkeys(part.symbol for part in parts) if symbol in free]


def _name(opening: Written) -> str:
    """What a chain's result is called: by the entry that it is about, or by the entries of a derivative."""
    if isinstance(opening, Element) and opening.tensor.label is None:
        return opening.tensor.name
    if isinstance(opening, Derivative):
        target, entry = opening.target, opening.entry.tensor.name
        inner = f"d{target.tensor.name}_" if isinstance(target, Element) and target.kids else ""
        return f"{inner}d{entry}"
    return "result"


def _named(found: Sequence[_Result]) -> Iterator[Computed]:
    """The results, new ones under names that nothing has which they are computed from."""
    new = [result.tensor for result in found if result.name is not None]
    taken = {tensor.name for tensor in reachable(*(result.tensor for result in found)) if tensor not in new}
    for tensor, name in found:
        if name is None:
            yield tensor
            continue
        own = next(one for one in chain([name], (f"{name}_{number}" for number in count(2))) if one not in taken)
        taken.add(own)
        body = tensor.origin.definition
        yield define(own, tuple(zip(body.indices, tensor.shape, strict=True)), body.body)
