"""How a cotangent was found, row by row: the chain rule, what it gives, and the way to its textbook form."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Symbol

from symformer.calculus.terms import Poly, Term, free_letter
from symformer.calculus.textbook import Reason, Row
from symformer.calculus.tidy import same, taken_out, written
from symformer.notation import Add, Element, Mul, Sum, Tensor, Var, Written, direct_diff, walk
from symformer.programs import Computed, Definition

Rows = tuple[tuple[Written, Reason], ...]


def chain_rule(
    tensor: Tensor, letters: tuple[Symbol, ...], given: Poly, through: Sequence[tuple[Computed, Tensor]]
) -> Written | None:
    """Σ over the statements T that read a tensor, and over their entries, of dT · ∂T/∂(its entry).

    None where a statement depends on an option of a function: it is then not one formula.
    """
    if any(isinstance(one.origin, Definition) and one.origin.guard is not None for one, _ in through):
        return None
    terms = [written((term,)) for term in given]
    for statement, cotangent in through:
        own = _apart(statement.indices, letters)
        values = tuple(Var((), (letter,)) for letter in own)
        slope = direct_diff(Element(values, (statement,)), tensor[letters])
        body: Written = Mul((Element(values, (cotangent,)), slope))
        for letter, size in reversed(tuple(zip(own, statement.shape, strict=True))):
            body = Sum((body,), (letter, size))
        terms.append(body)
    return terms[0] if len(terms) == 1 else Add(tuple(terms))


def _apart(indices: tuple[Symbol, ...], letters: tuple[Symbol, ...]) -> tuple[Symbol, ...]:
    """The indices with those that are letters of the cotangent under other names."""
    taken = {*indices, *letters}
    out: list[Symbol] = []
    for index in indices:
        out.append(free_letter(taken) if index in letters else index)
        taken.add(out[-1])
    return tuple(out)


def found_rows(opening: Written | None, raw: Poly, rows: Sequence[Row], cotangent: Tensor, tensor: Tensor) -> Rows:
    """All rows of a step: what is equal to the row before is left out."""
    out: list[tuple[Written, Reason]] = []
    if opening is not None:
        out.append((opening, ("chain rule",)))
    if opening is None or not same(opening, written(raw)):
        out.append((written(raw), _why(raw, tensor)))
    for poly, reason in rows:
        if not same(written(poly), out[-1][0]):
            out.append((written(poly), reason))
    last = rows[-1][0] if rows else raw
    if len(last) > 1 and not same(taken_out(last), written(last)):
        out.append((taken_out(last), ("what all terms share is taken out",)))
    return tuple(out)


def _why(raw: Poly, tensor: Tensor) -> Reason:
    """The reason of the row that does the differentiation."""
    if any(_mentions(term, tensor) for term in raw):
        return ("the slope of each entry that is read",)
    return ("linear in ", tensor.name)


def _mentions(term: Term, tensor: Tensor) -> bool:
    parts = [part for factor in (*term.over, *term.under) for part in walk(factor)]
    return any(isinstance(part, Element) and part.tensor == tensor for part in parts)
