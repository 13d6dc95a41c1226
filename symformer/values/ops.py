"""Ops at a reader's values: the op's program for arrays of just these ranks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy

from symformer.notation import Tensor, tensor
from symformer.ops import Signature
from symformer.programs import Program, program
from symformer.system import brief
from symformer.values.errors import ValuesError
from symformer.values.nested import shape_of


def op_program(signature: Signature, given: Mapping[str, Any], source: str) -> Program:
    """The program of an op on inputs of the ranks of the values; tensors that are not given are left out.

    Raises:
        ValuesError: the op has no program of its own, or a value is missing or unknown, or has too few axes.
    """
    if signature.op is None:
        raise ValuesError(f"{signature.name}: is a function alone, without a program whose parts have names")
    unknown = [key for key in given if key not in signature.shapes]
    if unknown:
        raise ValuesError(f"{source}: {brief(unknown[0])}: unknown; expected {', '.join(signature.shapes)}")
    inputs = {name: _input(name, spec, given[name], source) for name, spec in signature.shapes.items() if name in given}
    missing = [name for name, spec in signature.shapes.items() if name not in given and not spec.endswith("?")]
    if missing:
        raise ValuesError(f"{source}: {missing[0]}: missing; expected shape ({signature.shapes[missing[0]]})")
    return program(signature.op(inputs), inputs=tuple(inputs.values()))


def _input(name: str, spec: str, value: Any, source: str) -> Tensor:
    letters = spec.rstrip("?").split()
    open_lead = letters[0] == "..."
    tail = letters[1:] if open_lead else letters
    lead = len(shape_of(value)) - len(tail)
    if lead < 0 or (lead and not open_lead):
        raise ValuesError(f"{source}: {name}: expected shape ({', '.join(letters)}), found {len(shape_of(value))} axes")
    names = [f"b_{number}" for number in range(lead, 0, -1)] + tail
    sizes = [int(one) if one.isdigit() else sympy.Symbol(one, integer=True, positive=True) for one in names]
    return tensor(name, *sizes, kind="mask" if _boolean(value) else "real")


def _boolean(value: Any) -> bool:
    if hasattr(value, "dtype"):
        return bool(value.dtype.kind == "b")
    while isinstance(value, list) and value:
        value = value[0]
    return isinstance(value, bool)
