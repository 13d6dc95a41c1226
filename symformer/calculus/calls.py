"""A call differentiates to a call: its textbook form to a textbook form, its stable form to a stable one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from symformer.calculus.names import Names
from symformer.calculus.passes import Pass
from symformer.calculus.terms import Term
from symformer.notation import Tensor
from symformer.notation.names import joined_name
from symformer.programs import Call, Computed, Rebuild, call, reachable
from symformer.typeset import Named, Script, Sign
from symformer.typeset.boxes import row


def through_call(one: Pass, statement: Computed) -> None:
    """What the arguments get is computed by calls that hold the derivative of both forms."""
    origin: Call = statement.origin
    wanted = [tensor for tensor in origin.parents if tensor.digest in one.active]
    given = one.handed_tensor(statement)
    textbook = _inside(one, statement, origin.textbook, given, wanted)
    stable = textbook
    if origin.stable != origin.textbook:
        stable = _inside(one, statement, origin.stable, given, wanted)
    for tensor in wanted:
        forms = textbook.get(tensor.digest), stable.get(tensor.digest)
        if forms[0] is None or forms[1] is None:
            continue
        if not isinstance(forms[0], Computed) or not isinstance(forms[1], Computed):
            one.add(tensor, statement, (Term(over=(forms[0][one.letters(tensor)],)),))
            continue
        part = _call(one, statement, tensor, given, (forms[0], forms[1]))
        one.add(tensor, statement, (Term(over=(part[one.letters(tensor)],)),))


def _call(one: Pass, statement: Computed, tensor: Tensor, given: Tensor, forms: tuple[Computed, Computed]) -> Computed:
    """The call that gives one argument its cotangent; the result of the forward call is an argument if it is read."""
    origin: Call = statement.origin
    head = Script(Named(origin.name, upright=True), row(Sign("∂"), tensor.box))
    arguments = (given, *origin.arguments)
    behind = {argument.digest for argument in (*arguments, statement)}
    if statement in reachable(*forms, held=behind):
        arguments = (*arguments, statement)
    name = one.names.free(joined_name(f"d{tensor.name}", statement.name))
    found: Computed = call(f"{origin.name}_vjp_{tensor.name}", arguments, forms[0], forms[1], name, head=head)
    return found


def _inside(
    one: Pass, statement: Computed, form: Tensor, given: Tensor, wanted: Sequence[Tensor]
) -> Mapping[str, Tensor]:
    """The cotangents of what a form reads, where its own value is what the call has computed."""
    arguments = statement.origin.parents
    held = frozenset(tensor.digest for tensor in arguments)
    names = Names(tensor.name for tensor in (given, *reachable(form, held=held)))
    inner = one.inner((form,), {form.digest: (given,)}, wanted, held, names, explained=False)
    rebuild = Rebuild({form.digest: statement, **{tensor.digest: tensor for tensor in (given, *arguments)}})
    return {digest: rebuild(found) for digest, found in inner.found.items() if digest in held}
