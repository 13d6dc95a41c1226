"""Jacobian–vector and Hessian–vector products as programs, each with a derivation: forward mode, step by step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sympy import Expr, Symbol

from symformer.calculus import Tangents, forward_mode, reverse
from symformer.calculus.names import Alphabet
from symformer.calculus.tangents import Moved
from symformer.derivation.backward_pass import Derived, few_definitions
from symformer.derivation.derivation import Derivation
from symformer.derivation.lines import Line, begin
from symformer.notation import Add, Mul, NotationError, Tensor, Written, diff, direct_diff, fresh, summed
from symformer.programs import Computed, Program, letters_of, program, unambiguous
from symformer.typeset import text


class Forward(Derivation):
    """A derivation by forward mode."""

    @property
    def made(self) -> str:
        """What its function is made from, in words."""
        return "all tangents that forward mode derives"


def jvp(
    source: Program | Computed,
    wrt: Sequence[Tensor | str] | Tensor | str | None = None,
    *,
    doc: str | None = None,
) -> Derived:
    """The Jacobian–vector products of a program, as a program, with a derivation by forward mode.

    The program takes the inputs, in their order, and then a tangent `X_dot` for each X of `wrt`; its outputs are
    Ẏ = Σ_X Σ ∂Y/∂X Ẋ, one for each output Y, of its shape. Calls and repeats stay folded, as in `gradient`.

    Args:
        source: the program, or a tensor that is computed.
        wrt: the inputs that move, by name or themselves; by default all that are real and have axes, or, where none
            has, all that are real.
        doc: title and idea of the derivation.

    Raises:
        NotationError: `wrt` names no input that can move; the inputs are listed.
        NoDerivative: something on the way has no derivative.
    """
    whole = source if isinstance(source, Program) else program(source)
    folded = forward_mode(whole, wrt)
    opened = forward_mode(unambiguous(whole.unfold()), [tensor.name for tensor in folded.wrt])
    return Derived(folded.program.inputs, folded.program.outputs, derivation=tangent_derivation(opened, doc))


def hvp(
    source: Program | Computed,
    wrt: Sequence[Tensor | str] | Tensor | str | None = None,
    *,
    doc: str | None = None,
) -> Derived:
    """Hessian–vector products: the gradient of a program, differentiated along a tangent of what it is taken by.

    Of a number L, `Hv = (∂²L/∂X²) Ẋ` for each X of `wrt`, mixed blocks included. Of an array Y the same of Σ dY Y; the
    cotangent dY is an input, and held fixed. The program takes what `gradient` takes, and then the tangents.

    Args:
        source: the program, or a tensor that is computed.
        wrt: the inputs, by name or themselves, as in `gradient`.
        doc: title and idea of the derivation.

    Raises:
        NotationError: `wrt` names no input that can move; the inputs are listed.
        NoDerivative: something on the way has no first or no second derivative.
    """
    whole = source if isinstance(source, Program) else program(source)
    backward = reverse(whole, wrt)
    computed = next((one for one in backward.wrt if one.origin is not None), None)
    if computed is not None:
        raise NotationError(f"{computed.name} is computed: a Hessian is taken by inputs")
    names = ", ".join(output.name for output in whole.outputs)
    title = doc or f"Hessian–vector products of {names}\n\nThe gradient, differentiated along tangents of the inputs."
    return jvp(backward.program, backward.wrt, doc=title)


def tangent_derivation(found: Tangents, doc: str | None = None) -> Derivation:
    """One chain for each tangent, and one for the whole."""
    alphabet = Alphabet(found.forward.statements)
    calc = [line for step in found.steps for line in _chain(step, alphabet)]
    tangents = tuple(one for one in found.program if one not in found.forward.statements)
    statements = (*found.forward.statements, *tangents)
    said = [_said(*pair) for pair in zip(found.wrt, found.given, strict=True)]
    given = (*found.forward.inputs, *found.given, *said)
    return Forward(doc or _doc(found), given, statements, (*calc, *_whole(found)), compiled=found.program)


def _doc(found: Tangents) -> str:
    names = ", ".join(output.name for output in found.forward.outputs)
    return (
        f"Jacobian–vector product of {names}\n\n"
        "Forward mode, statement by statement, from the inputs to the output. The tangent Ṫ of a tensor T is how it "
        "moves as the inputs move along their tangents: a sum, over what T is computed from, of derivatives times "
        "tangents."
    )


def _said(tensor: Tensor, tangent: Tensor) -> tuple[Any, ...]:
    return (tangent.box, " is the direction in which ", tensor.box, " moves, and is given")


def _chain(step: Moved, alphabet: Alphabet) -> Iterator[Line]:
    """A tangent: the chain rule, and what it gives."""
    statement, tangent, read = step
    title = f"The tangent of {text(statement.box)}"
    words: list[Any] = [statement.box, " is computed from "]
    for place, (one, _) in enumerate(read):
        between = " and " if place == len(read) - 1 else ", "
        words += [between, one.box] if place else [one.box]
    yield begin(tangent.entry, tuple(words), title)
    if statement.origin.guard is None:
        rule = [directional(statement, *pair) for pair in read]
        whole = rule[0] if len(rule) == 1 else Add(tuple(rule))
        yield Line(alphabet.legible(whole, statement.indices), ("chain rule",))
    yield Line(tangent.written, ("differentiate ", statement.box))


def directional(statement: Computed, tensor: Tensor, tangent: Tensor) -> Written:
    """Σ over the entries of a tensor of ∂statement/∂entry times that entry's tangent.

    An axis that is always read at the same index of the statement is not summed over.
    """
    read = [one.symbols for one in statement.origin.elements if one.tensor == tensor]
    letters: list[Symbol] = []
    bound: list[tuple[Symbol, Expr]] = []
    for axis, name in enumerate(letters_of(tensor, (statement,))):
        symbol = read[0][axis]
        pinned = symbol is not None and symbol in statement.indices and all(one[axis] == symbol for one in read)
        if pinned and symbol is not None:
            letters.append(symbol)
        else:
            letters.append(fresh(name))
            bound.append((letters[-1], tensor.shape[axis]))
    entry = tuple(letters)
    return summed(Mul((direct_diff(statement.entry, tensor[entry]), tangent[entry])), bound)


def _whole(found: Tangents) -> Iterator[Line]:
    """One entry of every tangent against the derivatives of the whole program, so that no path is forgotten."""
    if not few_definitions(found.forward.statements):
        return
    for output, tangent in zip(found.forward.outputs, found.outputs, strict=True):
        ones = (1,) * len(output.shape)
        terms = [_along(output[ones], one, given) for one, given in zip(found.wrt, found.given, strict=True)]
        yield begin(
            terms[0] if len(terms) == 1 else Add(tuple(terms)),
            "one entry, by differentiating the whole program",
            f"The whole program, differentiated along all tangents: {text(output.box)}",
        )
        yield Line(tangent[ones], ("the tangent derived above",))


def _along(entry: Written, tensor: Tensor, tangent: Tensor) -> Written:
    letters = tuple(map(fresh, letters_of(tensor)))
    return summed(Mul((diff(entry, tensor[letters]), tangent[letters])), zip(letters, tensor.shape, strict=True))
