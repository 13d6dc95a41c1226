"""How a cotangent was found, row by row: the chain rule, what it gives, and the way to its textbook form."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Symbol

from symformer.calculus.names import Alphabet
from symformer.calculus.terms import Poly, Term, renamed
from symformer.calculus.textbook import Reason, Row
from symformer.calculus.tidy import same, taken_out, written
from symformer.notation import Add, Element, Mul, Sum, Tensor, Var, Written, direct_diff, walk
from symformer.programs import Computed, Definition

Rows = tuple[tuple[Written, Reason], ...]


def chain_rule(
    tensor: Tensor,
    letters: tuple[Symbol, ...],
    given: Poly,
    through: Sequence[tuple[Computed, Term]],
    alphabet: Alphabet,
) -> Written | None:
    """Σ over the statements T that read a tensor, and over their entries, of dT · ∂T/∂(its entry).

    None where a statement depends on an option of a function: it is then not one formula.
    """
    if any(isinstance(one.origin, Definition) and one.origin.guard is not None for one, _ in through):
        return None
    terms = [written((term,)) for term in given]
    for statement, cotangent in through:
        own = _apart(statement, letters, alphabet)
        values = tuple(Var((), (letter,)) for letter in own)
        slope = direct_diff(Element(values, (statement,)), tensor[letters])
        moved = renamed(cotangent, dict(zip(statement.indices, values, strict=True)))
        body: Written = Mul((*moved.over, slope)) if moved.over else slope
        for letter, size in reversed(tuple(zip(own, statement.shape, strict=True))):
            body = Sum((body,), (letter, size))
        terms.append(body)
    return terms[0] if len(terms) == 1 else Add(tuple(terms))


def _apart(statement: Computed, letters: tuple[Symbol, ...], alphabet: Alphabet) -> tuple[Symbol, ...]:
    """The indices of a statement, with those that are letters of the cotangent under other names."""
    taken = {*statement.indices, *letters}
    out: list[Symbol] = []
    for index, size in zip(statement.indices, statement.shape, strict=True):
        out.append(alphabet.letter(size, taken) if index in letters else index)
        taken.add(out[-1])
    return tuple(out)


def found_rows(opening: Written | None, raw: Poly, rows: Sequence[Row], tensor: Tensor) -> Rows:
    """All rows of a step: what is equal to the row before is left out."""
    why = _why(raw, tensor)
    if opening is None:
        return legible_rows(raw, rows, why)
    shown = legible_rows(raw, rows, why)
    start = 1 if same(opening, shown[0][0]) else 0
    return ((opening, ("chain rule",)), *shown[start:])


def legible_rows(raw: Poly, rows: Sequence[Row], why: Reason) -> Rows:
    """What was found and the way from there, without rows that say what the one before says."""
    out: list[tuple[Written, Reason]] = [(written(raw), why)]
    for poly, reason in rows:
        if not same(written(poly), out[-1][0]):
            out.append((written(poly), reason))
    last = rows[-1][0] if rows else raw
    if len(last) > 1 and not same(taken_out(last), out[-1][0]):
        out.append((taken_out(last), ("what all terms share is taken out",)))
    return tuple(out)


def _why(raw: Poly, tensor: Tensor) -> Reason:
    """The reason of the row that does the differentiation."""
    if any(_mentions(term, tensor) for term in raw):
        return ("the slope of each entry that is read",)
    return ("linear in ", tensor.box)


def _mentions(term: Term, tensor: Tensor) -> bool:
    parts = [part for factor in (*term.over, *term.under) for part in walk(factor)]
    return any(isinstance(part, Element) and part.tensor == tensor for part in parts)
