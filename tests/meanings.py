"""What each printed name of a page stands for: a size, an index, a tensor of some shape and definition, a function."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from sympy import Symbol

import symformer as sf
from symformer.derivation.conventions import FUNCTIONS
from symformer.derivation.layers import with_layers
from symformer.notation import Delta, Element, Func, Tensor, Var, Written, replace_tensors, walk
from symformer.notation.operators import Binder
from symformer.programs import Call, Computed, Definition, Repeat
from symformer.typeset import Box, text
from symformer.typeset.names import name_box

OWN = {"exp": "e", "delta": "δ"}  # names that the notation itself prints


class Meaning(NamedTuple):
    """A kind (size, index, tensor, subscripted, function, sign), and what tells two of one kind apart."""

    kind: str
    shape: str = ""
    what: str = ""


GIVEN = "given"
INDEX = Meaning("index")


def meanings(page: sf.Derivation) -> dict[str, set[Meaning]]:
    """All meanings of each printed name."""
    found: dict[str, set[Meaning]] = defaultdict(set)
    for name, meaning in _stated(page):
        found[name].add(meaning)
    return found


def clashes(page: sf.Derivation) -> dict[str, set[Meaning]]:
    """The printed names that have more than one meaning.

    The lines of a derived page, and the layers of a page with loops, take tensors as given that are defined outside:
    these have one meaning. An index
    stands for nothing else if a subscripted name begins with its letter, either: c beside c₂ or b beside b_q.
    """
    derived, found = page.compiled is not None or bool(page.layered), meanings(page)
    return {name: kinds for name, all in found.items() if len(kinds := _told_apart(all, derived)) > 1}


def _told_apart(found: set[Meaning], derived: bool) -> set[Meaning]:
    defined = {one.shape for one in found if one.kind == "tensor" and one.what != GIVEN}
    apart = {one for one in found if not (derived and one.what == GIVEN and one.shape in defined)}
    return apart if INDEX in apart else {one for one in apart if one.kind != "subscripted"}


def _stated(page: sf.Derivation) -> Iterator[tuple[str, Meaning]]:
    for item in page.given:
        if isinstance(item, Tensor):
            yield from _tensor(item)
        elif isinstance(item, Written):
            yield from _formula(item)
    for tensor, _ in with_layers(page.where, page.captions, page.layered):
        if not isinstance(tensor, Box):  # a scan's own equations are typeset already; its loop is said by its result
            yield from _statement(tensor)
    for tensor in page.gradients:
        yield from _statement(tensor)
    for line in page.lines:
        yield from _formula(line.formula)
        for part in (*line.reason, *line.matrices):
            yield from _part(part)


def _part(part: Any) -> Iterator[tuple[str, Meaning]]:
    if isinstance(part, Computed):
        yield from _statement(part)
    elif isinstance(part, Written):
        yield from _formula(part)


def _statement(tensor: Computed) -> Iterator[tuple[str, Meaning]]:
    """What a statement prints: a call folded, a repeat with its loop, a definition with its indices."""
    yield from _tensor(tensor)
    origin = tensor.origin
    if isinstance(origin, Repeat):
        yield _index(origin.loop.index)
        yield from _sizes(origin.loop.size)
        for one in (*origin.loop.formals, *origin.loop.parents):
            yield from _tensor(one)
    elif isinstance(origin, Call) and tensor.label is None:
        for one in origin.arguments:
            yield from _tensor(one)
    else:
        names = tuple(index.name for index in tensor.indices)
        yield from map(_index, tensor.indices)
        yield from _formula(tensor.written, names)


def _formula(formula: Written, names: tuple[str, ...] = ()) -> Iterator[tuple[str, Meaning]]:
    for part in walk(formula.as_printed(names)):
        if isinstance(part, Binder):
            yield _index(part.index)
        elif isinstance(part, Element):
            yield from _tensor(part.tensor)
        elif isinstance(part, Var):
            yield _size(part.symbol) if part.symbol.is_positive else _index(part.symbol)
        elif isinstance(part, Func) and part.name in FUNCTIONS:
            yield FUNCTIONS[part.name][0], Meaning("function", what=part.name)
        elif isinstance(part, Func) and part.name in OWN:
            yield OWN[part.name], Meaning("sign")
        elif isinstance(part, Delta):
            yield "δ", Meaning("sign")


def _tensor(tensor: Tensor) -> Iterator[tuple[str, Meaning]]:
    if isinstance(tensor.origin, Repeat) and tensor.origin.result.name == tensor.name:
        return  # the same tensor, of every layer
    if tensor.label is not None:
        if isinstance(tensor.origin, Call):
            for one in tensor.origin.arguments:
                yield from _tensor(one)
        return
    yield text(tensor.box), Meaning("tensor", str(tensor.shape), _what(tensor))
    if "_" in tensor.name:
        yield text(name_box(tensor.name.split("_")[0])), Meaning("subscripted", what=text(tensor.box))
    for size in tensor.shape:
        yield from _sizes(size)


def _what(tensor: Tensor) -> str:
    """What a tensor is defined as, over other tensors by their names; all inputs are alike."""
    origin = tensor.origin
    if origin is None:
        return GIVEN
    if not isinstance(origin, Definition):
        return text(origin.box())
    places = {index: f"@{place}" for place, index in enumerate(origin.indices)}
    return replace_tensors(origin.body, lambda one: Tensor(one.name, one.shape)).digest_under(places)[:8]


def _sizes(size: Any) -> Iterator[tuple[str, Meaning]]:
    yield from map(_size, size.free_symbols)


def _size(symbol: Symbol) -> tuple[str, Meaning]:
    return text(name_box(symbol.name)), Meaning("size")


def _index(symbol: Symbol) -> tuple[str, Meaning]:
    return text(name_box(symbol.name)), INDEX
