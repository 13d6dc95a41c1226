"""The backward pass of a program as a derivation: what reverse mode found, step by step, for the judge and on paper."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar

from symformer.calculus import Backward, Jacobian, NoDerivative, Step, reverse
from symformer.calculus import hessian as find_hessian
from symformer.calculus import jacobian as find_jacobian
from symformer.compile import lambdify
from symformer.derivation.cut import cut_rows
from symformer.derivation.derivation import Derivation
from symformer.derivation.forms import JudgedForms, judged_forms
from symformer.derivation.lines import Line, begin
from symformer.notation import Tensor, Written, diff, lift, summed
from symformer.programs import Computed, Definition, Program, define, program, unambiguous
from symformer.proof import Judge
from symformer.typeset import text

FEW = 12  # statements of a program whose gradients are judged by every path at once, too


@dataclass(frozen=True)
class Derived(Program):
    """Derivatives as a program, with the derivation of each.

    Attributes:
        derivation: how they were found, in lines that are judged.
    """

    slopes: ClassVar[bool] = True
    derivation: Derivation = field(repr=False, compare=False, kw_only=True)

    def lambdify(self, name: str | None = None) -> Callable[..., Any]:
        """A NumPy function of its inputs, in their order; see `symformer.lambdify`."""
        return lambdify(self, name)

    @cached_property
    def forms(self) -> tuple[JudgedForms, ...]:
        """Verdicts on the calls that are compiled in another form than the textbook's, which the derivation reads."""
        return judged_forms(self, self.derivation.judge)


def gradient(
    source: Program | Computed,
    wrt: Sequence[Tensor | str] | Tensor | str | None = None,
    cotangent: Tensor | Mapping[str, Tensor] | None = None,
    *,
    doc: str | None = None,
    reference: Any = (),
) -> Derived:
    """The gradients of a program, as a program, with a derivation by reverse mode.

    The program keeps its calls and repeats folded, so that it compiles to what is stable; the derivation opens calls
    and goes through their textbook definitions.

    Args:
        source: the program, or a tensor that is computed.
        wrt: the inputs, by name or themselves; by default all that are real and have axes.
        cotangent: the gradient of the loss in the output; by default 1 for a number, else an input named `dO` for O.
        doc: title and idea of the derivation.
        reference: where it stands in the literature, as in a `Derivation`.

    Raises:
        NotationError, ShapeError, NoDerivative: as `symformer.calculus.reverse`.
    """
    forward = source if isinstance(source, Program) else program(source)
    folded = reverse(forward, wrt, cotangent)
    named = [tensor.name for tensor in folded.wrt]
    opened = reverse(unambiguous(forward.unfold()), named, cotangent)
    given = folded.program
    return Derived(given.inputs, given.outputs, derivation=derivation_of(opened, doc, reference))


def jacobian(tensor: Computed, wrt: Tensor | str, *, name: str = "J", doc: str | None = None) -> Derived:
    """J[a…, b…] = ∂tensor[a…] / ∂wrt[b…] as a program, with its derivation; calls are opened.

    Args:
        tensor: what is differentiated.
        wrt: an input of its program, by name or itself.
        name: what the Jacobian is called.
        doc: title and idea of the derivation.

    Raises:
        NotationError: `wrt` is no input; the inputs are listed.
        NoDerivative: something on the way has no derivative.
    """
    return _derived(find_jacobian(tensor, wrt, name), doc or f"Jacobian of {tensor.name}")


def hessian(tensor: Computed, wrt: Tensor | str, *, name: str = "H", doc: str | None = None) -> Derived:
    """H[b…, c…] = ∂²tensor / ∂wrt[b…] ∂wrt[c…] of a number as a program, with its derivation from the gradient.

    Raises:
        NotationError: the tensor is not one number, or `wrt` is no input.
        NoDerivative: something on the way has no derivative.
    """
    return _derived(find_hessian(tensor, wrt, name), doc or f"Hessian of {tensor.name}")


def _derived(found: Jacobian, doc: str) -> Derived:
    lines = [Line(formula, reason, "=" if place else "") for place, (formula, reason) in enumerate(found.rows)]
    where = tuple(found.forward.statements)
    derivation = Derivation(doc, found.forward.inputs, where, tuple(lines), compiled=found.program)
    return Derived(found.program.inputs, found.program.outputs, derivation=derivation)


def derivation_of(backward: Backward, doc: str | None = None, reference: Any = ()) -> Derivation:
    """The derivation of a backward pass: one chain for each cotangent, and one for the whole.

    Raises:
        NoDerivative: a maximum that is subtracted, but on which the outputs depend: it is no shift.
    """
    judge = Judge()
    _check_shifts(backward, judge)
    chains = [line for step in backward.steps for line in _chain(step)]
    chains += [line for pair in backward.shifts for line in _shift(*pair)]
    chains += [line for inner in backward.layers.values() for step in inner.steps for line in _chain(step)]
    seeds = tuple(zip(backward.forward.outputs, backward.cotangents, strict=True))
    layers = [step for inner in backward.layers.values() for step in inner.steps]
    found = {step.cotangent.digest for step in (*backward.steps, *layers)}
    forward = {one.digest for one in backward.forward.statements}
    order = tuple(one for one in backward.program if one.digest not in forward)
    every = (*backward.steps, *(step for inner in backward.layers.values() for step in inner.steps))
    used = {one.digest: one for one in (*order, *(one for step in every for one in step.uses))}
    named = [one for digest, one in used.items() if digest not in forward and digest not in found]
    statements = (*backward.forward.statements, *named)
    given = (*backward.forward.inputs, *(seed for seed in backward.cotangents if seed.origin is None))
    given = (*given, *(_said(output, seed) for output, seed in seeds))
    calc = (*chains, *_whole(backward))
    doc = doc or _doc(backward)
    return Derivation(doc, given, statements, calc, reference, judge=judge, compiled=backward.program, gradients=order)


def _doc(backward: Backward) -> str:
    names = ", ".join(output.name for output in backward.forward.outputs)
    return (
        f"Backward pass of {names}\n\n"
        "Reverse mode, statement by statement, from the output to the inputs. The cotangent dT of a tensor T is the "
        "gradient of the loss with respect to T: a sum, over the statements in which T occurs, of their cotangents "
        "times their derivatives in T."
    )


def _said(output: Tensor, seed: Tensor) -> Any:
    if seed.origin is not None:
        return (output.box, " is the loss")
    return (seed.box, " is the gradient of the loss with respect to ", output.box, ", and is given")


def _check_shifts(backward: Backward, judge: Judge) -> None:
    for tensor, rest in backward.shifts:
        if judge.judge(rest, "=", 0, rest.ranges).kind == "refuted":
            raise NoDerivative(
                f"{tensor.name}: a maximum has no derivative here, and the result depends on it: {tensor}"
            )


def _shift(tensor: Computed, rest: Written) -> list[Line]:
    opening = begin(
        rest,
        ("the gradient that ", tensor.box, " would have, were it not taken for a constant"),
        f"The shift {text(tensor.box)}",
    )
    return [opening, Line(lift(0), ("the result does not depend on what is subtracted",))]


def _chain(step: Step) -> Iterator[Line]:
    """A step as a chain: the cotangent, the chain rule, what it gives."""
    title = f"The cotangent of {text(step.tensor.box)}"
    entering: list[Any] = []
    for place, statement in enumerate(step.through):
        between = " and " if place == len(step.through) - 1 else ", "
        entering += [between if entering else " enters through ", statement]
    why = (step.tensor.box, *entering) if entering else ("the derivative of the loss in itself",)
    cut = cut_rows(step)
    whole = (step.cotangent[step.letters], *(formula for formula, _ in step.rows))
    yield replace(begin(cut[0], why, title), whole=whole[0])
    for formula, full, (_, reason) in zip(cut[1:], whole[1:], step.rows, strict=True):
        yield Line(formula, reason if entering else ("definition",), whole=full)


def few_definitions(statements: Sequence[Computed]) -> bool:
    """Whether a program is so short, and opened, that its derivatives are judged by every path at once, too."""
    return len(statements) <= FEW and all(isinstance(one.origin, Definition) for one in statements)


def _whole(backward: Backward) -> Iterator[Line]:
    """One entry of every gradient against the derivative of the whole program, so that no path is forgotten."""
    if not few_definitions(backward.forward.statements):
        return
    loss = _loss(backward)
    for tensor, gradient in zip(backward.wrt, backward.gradients, strict=True):
        ones = (1,) * len(tensor.shape)
        yield begin(
            diff(loss, tensor[ones]),
            "one entry, by differentiating the whole program",
            f"The whole program, differentiated in {text(tensor.box)}",
        )
        yield Line(gradient[ones], ("the gradient derived above",))


def _loss(backward: Backward) -> Written:
    """The loss to first order: Σ dO O."""
    total: Written | None = None
    for output, seed in zip(backward.forward.outputs, backward.cotangents, strict=True):
        term = output[()] if seed.origin is not None else _paired(output, seed)
        total = term if total is None else total + term
    assert total is not None
    return define("loss", (), total)[()]


def _paired(output: Computed, seed: Tensor) -> Written:
    """The sum of the products of all entries of two arrays."""
    return summed(seed[output.indices] * output.entry, zip(output.indices, output.shape, strict=True))
