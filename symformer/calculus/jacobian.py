"""Jacobians and Hessians: the derivative of every entry by every entry, in textbook form."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Symbol

from symformer.calculus.derivative import NoDerivative, derivative
from symformer.calculus.folding import Known
from symformer.calculus.names import Names
from symformer.calculus.reverse import reverse, tensor_named
from symformer.calculus.rows import Rows, legible_rows
from symformer.calculus.terms import Term, expanded, renamed
from symformer.calculus.textbook import Textbook
from symformer.calculus.tidy import collected, taken_out
from symformer.notation import Delta, Domain, NotationError, Tensor, Var, diff
from symformer.notation.operators import other_letter
from symformer.programs import (
    Computed,
    DefinedTensor,
    Definition,
    Program,
    Repeat,
    letters_of,
    program,
    unambiguous,
)


@dataclass(frozen=True)
class Jacobian:
    """The derivative of a tensor by another, as a tensor, and how it was found.

    Attributes:
        tensor: J, with the axes of what is differentiated and then those of what it is differentiated by.
        rows: formulas, each equal to the one before, with the reason why; the last is the definition of J.
        forward: the program that computes what is differentiated, its calls opened.
        wrt: what it is differentiated by.
    """

    tensor: Computed
    rows: Rows
    forward: Program
    wrt: Tensor

    @property
    def program(self) -> Program:
        """J, as a program of the same inputs."""
        return Program(self.forward.inputs, (self.tensor,))


def jacobian(tensor: Computed, wrt: Tensor | str, name: str = "J") -> Jacobian:
    """J[a…, b…] = ∂tensor[a…] / ∂wrt[b…], calls opened.

    Args:
        tensor: what is differentiated.
        wrt: an input of its program, by name or itself.
        name: what the Jacobian is called.

    Raises:
        NotationError: `wrt` is no input; the inputs are listed.
        NoDerivative: something on the way has no derivative.
    """
    forward = _written_out(tensor, wrt)
    (target,), by = forward.outputs, tensor_named(forward, wrt)
    if by.origin is not None:
        raise NotationError(f"{by.name} is computed; a Jacobian is taken by an input")
    inner = _letters(target, by, forward)
    entry = by[inner]
    slope = derivative(target.entry, entry)
    names = Names(found.name for found in (*forward.inputs, *forward.statements))
    book = Textbook(Known(found for found in forward if _plain(found)), names)
    raw = collected(tuple(map(contracted, expanded(slope))))
    rows = book.rows(raw)
    poly = rows[-1].poly if rows else raw
    origin = Definition((*target.indices, *inner), taken_out(poly))
    found = DefinedTensor(names.free(name), (*target.shape, *by.shape), Domain(), origin)
    shown = legible_rows(raw, rows, ("differentiate every definition; of a sum with a delta only one term remains",))
    return Jacobian(
        found,
        (
            (diff(target.entry, entry), ("how each entry of ", target.box, " changes with each entry of ", by.box)),
            *shown,
        ),
        forward,
        by,
    )


def hessian(tensor: Computed, wrt: Tensor | str, name: str = "H") -> Jacobian:
    """H[b…, c…] = ∂²tensor / ∂wrt[b…] ∂wrt[c…] of a number: the Jacobian of its gradient.

    Raises:
        NotationError: the tensor is not one number, or `wrt` is no input.
        NoDerivative: something on the way has no derivative.
    """
    if tensor.shape:
        raise NotationError(f"{tensor.name} is no single number: a Hessian is taken of one")
    (gradient,) = reverse(_written_out(tensor, wrt), wrt).gradients
    return jacobian(gradient, wrt, name)


def _written_out(tensor: Computed, wrt: Tensor | str) -> Program:
    """The program of a tensor, calls opened and loops of a known number of steps written out.

    Raises:
        NoDerivative: the number of steps is a letter.
    """
    opened = program(tensor).unfold()
    loops = [statement for statement in opened.statements if isinstance(statement.origin, Repeat)]
    for one in loops:
        size, by = one.origin.size, wrt if isinstance(wrt, str) else wrt.name
        if not size.is_Integer:
            letters = ", ".join(f"{letter}: 3" for letter in sorted(size.free_symbols, key=str))
            raise NoDerivative(
                f"{one.name} has {size} steps, so that no single formula is its Jacobian; write "
                f'sf.gradient({tensor.name}, "{by}"), which is a loop as well, or, at a number of steps, '
                f'sf.jacobian(sf.program({tensor.name}).unroll({{{letters}}}).outputs[0], "{by}")'
            )
    return unambiguous(opened.unroll() if loops else opened)


def contracted(term: Term) -> Term:
    """A term with the deltas on the letters that it sums over gone: each keeps one summand."""
    bound = dict(term.bound)
    for place, factor in enumerate(term.over):
        if isinstance(factor, Delta):
            left, right = factor.kids
            for one, other in ((left, right), (right, left)):
                if isinstance(one, Var) and one.symbol in bound:
                    rest = (*term.over[:place], *term.over[place + 1 :])
                    kept = tuple(pair for pair in term.bound if pair[0] != one.symbol)
                    return contracted(renamed(Term(term.number, rest, term.under, kept), {one.symbol: other}))
    return term


def _letters(target: Computed, by: Tensor, forward: Program) -> tuple[Symbol, ...]:
    """Indices for what it is differentiated by, with letters that differ from those of the target."""
    used = {index.name for index in target.indices}
    out: list[Symbol] = []
    for index, size in zip(letters_of(by, forward.statements), by.shape, strict=True):
        name = index.name if index.name not in used else other_letter(index.name, size, used)
        out.append(Symbol(name, integer=True))
        used.add(name)
    return tuple(out)


def _plain(statement: Computed) -> bool:
    return isinstance(statement.origin, Definition) and statement.origin.guard is None
