"""A call differentiates to a call: its textbook form to a textbook form, its stable form to a stable one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from symformer.calculus.backward import Names
from symformer.calculus.passes import Pass
from symformer.calculus.terms import Term
from symformer.notation import Tensor
from symformer.programs import Call, Computed, call, reachable
from symformer.typeset import Named, Script, Sign
from symformer.typeset.boxes import row


def through_call(one: Pass, statement: Computed) -> None:
    """What the arguments get is computed by calls that hold the derivative of both forms."""
    origin: Call = statement.origin
    wanted = [tensor for tensor in origin.parents if tensor.digest in one.active]
    given = one.handed_tensor(statement)
    textbook = _inside(one, origin.textbook, given, wanted, origin.parents)
    stable = textbook
    if origin.stable != origin.textbook:
        stable = _inside(one, origin.stable, given, wanted, origin.parents)
    for tensor in wanted:
        forms = textbook.get(tensor.digest), stable.get(tensor.digest)
        if forms[0] is None or forms[1] is None:
            continue
        if not isinstance(forms[0], Computed) or not isinstance(forms[1], Computed):
            one.add(tensor, statement, (Term(over=(forms[0][one.letters(tensor)],)),))
            continue
        head = Script(Named(origin.name, upright=True), row(Sign("∂"), tensor.box))
        arguments = (given, *origin.arguments)
        name = one.names.free(f"d{tensor.name}_{statement.name}")
        part = call(f"{origin.name}_vjp_{tensor.name}", arguments, forms[0], forms[1], name, head=head)
        one.add(tensor, statement, (Term(over=(part[one.letters(tensor)],)),))


def _inside(
    one: Pass, form: Tensor, given: Tensor, wanted: Sequence[Tensor], arguments: Sequence[Tensor]
) -> Mapping[str, Tensor]:
    """The cotangents of what a form reads."""
    held = frozenset(tensor.digest for tensor in arguments)
    names = Names(tensor.name for tensor in (given, *reachable(form, held=held)))
    inner = one.inner((form,), {form.digest: (given,)}, wanted, held, names)
    return inner.found
