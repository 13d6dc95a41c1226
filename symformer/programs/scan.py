"""What an author types for a recurrence: one step, the states that it carries, and what comes out of every step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sympy import Expr, Symbol

from symformer.notation import Binder, Domain, NotationError, ShapeError, Tensor, lift, walk
from symformer.notation.names import checked_name, checked_size, checked_symbol, checked_title, joined_name
from symformer.notation.substitute import fresh
from symformer.programs.counter import Counting, counter_of, counting
from symformer.programs.graph import reachable
from symformer.programs.loop import Bound, Carried, Loop, letters_of, start_box
from symformer.programs.origin import Computed, Definition
from symformer.programs.repeat import every_layer, stacked
from symformer.programs.repeated import Repeat
from symformer.programs.tensor import DefinedTensor

REAL = Domain()


def scan(
    after: Mapping[Tensor, Tensor],
    over: tuple[Symbol, Any],
    start: Mapping[Tensor, Any],
    each: Iterable[Tensor] | Mapping[Tensor, Tensor] = (),
    out: Tensor | Sequence[Tensor] | Mapping[str, Tensor] | None = None,
    shared: Mapping[Tensor, Tensor] | None = None,
    *,
    reverse: bool = False,
    name: str | None = None,
    title: str = "Step",
) -> Any:
    """A recurrence: `O = scan({S: S_new}, over=(t, n), start={S: 0}, each=(q, k, v), out=o, name="O")`.

    A step is written once, over its own inputs: the states as the step before left them, and the slices of this step,
    `q (d)` of `Q (n, d)`. Its letter is the number of the step, from 1, as in `1 - beta**t`. What comes out of every
    step has the step as its first axis.

    Args:
        after: each state, and its value after the step: a tensor computed from the step's inputs, or one of them.
        over: the letter of the step and the number of steps, a size or a number.
        start: the value of each state before the first step: a tensor of its shape, or a number that all entries are.
        each: the step's inputs that every step has for itself: `q (d)` is a slice of a stack `q (n, d)`, which is made
            here as an input, or given as `{q: stack}`.
        out: what comes out of every step: a tensor of the step, several, or several by the names of their stacks.
            Without it the states after the last step come out, in the order of `after`.
        shared: the step's inputs that stand for tensors outside. All others are inputs of the whole, by their names.
        reverse: whether the last step comes first, as in a sum of rewards still to come: a state is then what step
            t + 1 left.
        name: the name of what comes out, where it is one tensor; otherwise it has the name that it has in the step,
            and a last state `h_n`.
        title: what the step is called where the recurrence is printed.

    Returns:
        A tensor `(n, ...)` for an `out` that is one tensor, a tuple for several; without `out` a state, or a tuple.

    Raises:
        ShapeError: a start, a stack or a state after the step has another shape than what it stands for.
        NotationError: a state has no start, is read by no step, is declared to be more than real, or letters clash.
    """
    index, size = checked_symbol(over[0], "index"), checked_size(over[1])
    checked_title(title)
    where = name or "scan"
    results = _results(out)
    stacks = dict(each) if isinstance(each, Mapping) else {one: stacked(one, size) for one in each}
    outside = dict(shared or {})
    _check_states(where, after, start, [*stacks, *outside])
    counter = counter_of(index, size, [*after.values(), *(tensor for _, tensor in results)])
    if counter is not None:
        counted = Counting(index, counter.formal)
        after = {state: counted(then) for state, then in after.items()}
        results = [(own, counted(tensor)) for own, tensor in results]
        stacks[counter.formal] = counter.actual
    step = reachable(*after.values(), *(tensor for _, tensor in results))
    readers = tuple(tensor for tensor in step if isinstance(tensor, Computed))
    carried = tuple(Carried(state, _start(where, state, start[state], reverse, size, readers), then)
                    for state, then in after.items())  # fmt: skip
    formals = {*after, *stacks, *outside}
    free = [found for found in step if found.origin is None and found not in formals]
    bound = (*(Bound(*pair) for pair in outside.items()), *(Bound(found, found) for found in free))
    outs = tuple(tensor for _, tensor in results)
    loop = Loop(fresh(index), size, carried, tuple(Bound(*pair) for pair in stacks.items()), bound,
                downwards=reverse, title=title, recurrent=True, outs=outs)  # fmt: skip
    _check_shapes(where, loop)
    _check_read(where, loop, step)
    _check_names(where, loop, step)
    _check_letter(where, index, step)
    if out is None:
        made = [final_state(loop, state, name if len(after) == 1 else None) for state in after]
    else:
        made = [_stack(loop, tensor, name if name and len(results) == 1 else own) for own, tensor in results]
    several = len(made) != 1 or isinstance(out, (Mapping, list, tuple))
    return tuple(made) if several else made[0]


def final_state(scanned: Tensor | Loop, state: Tensor, name: str | None = None) -> DefinedTensor:
    """A state after the last step.

    Args:
        scanned: what `scan` returned, or one of it.
        state: the state, as the step reads it.
        name: the name of the result; by default `h_n` for a state h and n steps.

    Raises:
        NotationError: `scanned` is no recurrence, or carries no such state.
    """
    loop = scanned if isinstance(scanned, Loop) else _loop_of(scanned)
    found = [pair for pair in loop.carried if pair.formal == state]
    if not found:
        states = ", ".join(pair.formal.name for pair in loop.carried)
        raise NotationError(f"{state.name} is no state of the recurrence; its states are {states}")
    plain = loop.size if loop.size.is_Symbol or loop.size.is_Integer else "last"
    called = checked_name(name or joined_name(state.name, "1" if loop.downwards else str(plain)), "tensor")
    return DefinedTensor(called, state.shape, REAL, Repeat(loop, found[0].after, last=True))


def every_step(scanned: Tensor, inner: Tensor, name: str) -> DefinedTensor:
    """A tensor of the step in all steps at once: its first axis is the step. A state gives what enters each step.

    Raises:
        NotationError: `scanned` is no recurrence.
    """
    return every_layer(scanned, counting(_loop_of(scanned))(inner), name)


def _loop_of(scanned: Tensor) -> Loop:
    if not isinstance(scanned.origin, Repeat):
        raise NotationError(f"{scanned.name} is no recurrence; expected what scan returned")
    return scanned.origin.loop


def _results(out: Any) -> list[tuple[str, Tensor]]:
    """What comes out of every step, by the name of its stack."""
    if out is None:
        return []
    if isinstance(out, Mapping):
        return [(checked_name(name, "tensor"), tensor) for name, tensor in out.items()]
    listed = [out] if isinstance(out, Tensor) else list(out)
    return [(tensor.name, tensor) for tensor in listed]


def _stack(loop: Loop, inner: Tensor, name: str) -> DefinedTensor:
    checked_name(name, "tensor")
    return DefinedTensor(name, (loop.size, *inner.shape), REAL, Repeat(loop, inner, last=False))


def _start(where: str, state: Tensor, given: Any, reverse: bool, size: Expr, readers: tuple[Computed, ...]) -> Tensor:
    """The value before the first step; a number fills a tensor that prints as the state at step 0."""
    if isinstance(given, Tensor):
        return given
    written = lift(given)
    if written.free:
        raise NotationError(f"{where}: the start of {state.name} is {written}; expected a tensor or a number")
    called = joined_name(state.name, "end" if reverse else 0)
    return DefinedTensor(called, state.shape, REAL, Definition(letters_of(state, readers), written),
                         label=start_box(state, size, reverse))  # fmt: skip


def _check_states(where: str, after: Mapping[Tensor, Any], start: Mapping[Tensor, Any], others: list[Tensor]) -> None:
    """Checks that states are inputs of the step, real, and start."""
    if not isinstance(after, Mapping) or not after:
        raise NotationError(f"{where}: no state is carried; write after={{h: new_h}}")
    for state, then in after.items():
        if not isinstance(then, Tensor):
            raise NotationError(f"{where}: {state.name} becomes {then}; expected a tensor, which sf.define makes")
        if state.origin is not None:
            raise NotationError(
                f"{where}: {state.name} is computed; a state is an input of the step: sf.tensor makes one"
            )
        if state.domain != REAL:
            raise NotationError(
                f"{where}: the state {state.name} is declared {state.domain.kind}, which no step is known to keep; "
                "declare it real"
            )
        if state in others:
            raise NotationError(f"{where}: {state.name} is a state and something else of the step; name it once")
        if state not in start:
            raise NotationError(f"{where}: {state.name} has no start; write start={{{state.name}: 0}} or a tensor")
    stray = [state.name for state in start if state not in after]
    if stray:
        raise NotationError(f"{where}: {stray[0]} has a start and is no state; the states are {_names(after)}")


def _check_shapes(where: str, loop: Loop) -> None:
    for one in loop.carried:
        for what, tensor in (("its start", one.start), (f"after the step, {one.after.name},", one.after)):
            if tensor.shape != one.formal.shape:
                raise ShapeError(
                    f"{where}: the state {one.formal.name} is {one.formal.shape}, {what} is {tensor.shape}"
                )
    for bound, lead in ((loop.each, (loop.size,)), (loop.shared, ())):
        for formal, actual in bound:
            wanted = (*lead, *formal.shape)
            if actual.shape != wanted:
                raise ShapeError(f"{where}: {formal.name} needs {wanted}, {actual.name} is {actual.shape}")
            if formal.domain != REAL and formal.domain != actual.domain:
                raise NotationError(f"{where}: {formal.name} is declared {formal.domain.kind}, and stands for "
                                    f"{actual.name}, which is {actual.domain.kind}")  # fmt: skip


def _check_read(where: str, loop: Loop, step: Sequence[Tensor]) -> None:
    for formal in loop.formals:
        if formal.origin is not None or formal not in step:
            raise NotationError(f"{where}: {formal.name} is no input of the step, which reads {_names(_inputs(step))}")


def _check_names(where: str, loop: Loop, step: Sequence[Tensor]) -> None:
    """Checks that each name means one tensor, in the step and where the recurrence is printed over what is outside."""
    outside = dict((*loop.each, *loop.shared))
    states = {one.after for one in loop.carried}
    printed = [(outside.get(one, one), one) for one in step if one.label is None and one not in states]
    own = [(one, one) for one in step if one.label is None]
    for pairs in (own, printed):
        known: dict[str, Tensor] = {}
        for shown, tensor in pairs:
            if shown.label is None and known.setdefault(shown.name, tensor) != tensor:
                raise NotationError(f"{where}: two different tensors are called {shown.name}; rename one of them")


def _check_letter(where: str, index: Symbol, step: Sequence[Tensor]) -> None:
    """The step's letter stands as one more subscript where a recurrence is printed: it is no letter of the step."""
    for tensor in step:
        letters = [*tensor.indices] if isinstance(tensor, Computed) else []
        bodies = tensor.origin.expressions() if isinstance(tensor.origin, Definition) else ()
        letters += [part.index for body in bodies for part in walk(body) if isinstance(part, Binder)]
        if any(letter.name == index.name for letter in letters):
            raise NotationError(
                f"{where}: {index.name} is an index of {tensor.name} in the step; give steps another letter"
            )


def _inputs(step: Sequence[Tensor]) -> list[Tensor]:
    return [tensor for tensor in step if tensor.origin is None]


def _names(tensors: Iterable[Tensor]) -> str:
    return ", ".join(tensor.name for tensor in tensors)
