"""What a generated function is made of, for the forward and for the backward direction of a signature."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from string import Formatter

from symformer.calculus import reverse
from symformer.compile.names import output_names
from symformer.notation import NotationError, Tensor
from symformer.ops import Parameter, Signature
from symformer.ops.letters import ROWS
from symformer.programs import Program


@dataclass(frozen=True)
class Job:
    """A function to be written.

    Attributes:
        name: of the function.
        signature: what it comes from.
        parameters: its arguments.
        program: what it computes, with every call opened in stable form.
        enter: statements that follow the conversion of arguments.
        results: Python expressions of what it returns.
        many: whether it returns a tuple even of one.
        cotangents: the inputs of a backward program that its forward one has not.
        unbatched: outputs that have no batch axes: gradients of weights.
        balanced: the variables of a gradient that adds up to 0 along its rows, and of the scores that it is for.
    """

    name: str
    signature: Signature
    parameters: tuple[Parameter, ...]
    program: Program
    enter: tuple[str, ...]
    results: tuple[str, ...]
    many: bool = False
    cotangents: tuple[Tensor, ...] = ()
    unbatched: frozenset[str] = frozenset()
    balanced: tuple[str, str] | None = None


def forward_job(signature: Signature, np: str = "np") -> Job:
    """The function itself; `np` is what functions of the array library are called by."""
    program = signature.program().unfold(stable=True)
    names = [restored(output, name) for output, name in zip(program.outputs, output_names(program), strict=True)]
    leave = signature.leave or tuple(f"{{{place}}}" for place in range(len(names)))
    results = tuple(typed(template.format(*names, **_calls(np))) for template in leave)
    return Job(signature.name, signature, signature.parameters, program, signature.enter, results, len(results) > 1)


def backward_job(signature: Signature, only: Collection[str] | None = None, np: str = "np") -> Job:
    """Its gradients, from reverse mode; `only` those of some inputs. `np` as of `forward_job`.

    Raises:
        NotationError: one of them has no gradient.
    """
    name = f"{signature.name}_vjp"
    forward = (signature.backward.program or signature.program)().unfold(stable=True)
    wrt = signature.backward.wrt or tuple(
        parameter.name for parameter in signature.parameters if parameter.kind in ("array", "weight")
    )
    wrt = _chosen(signature, wrt, only)
    found = reverse(forward, wrt=wrt)
    program = found.program
    gradients = dict(zip(wrt, output_names(program), strict=True))
    weights = {parameter.name for parameter in signature.parameters if parameter.kind == "weight"}
    cotangent = Parameter("cotangent", "gradient of the loss with respect to the result, of its shape")
    enter = tuple(line.replace(f'"{signature.name}"', f'"{name}"') for line in signature.enter)
    return Job(
        name,
        signature,
        (cotangent, *signature.parameters),
        program,
        (*enter, *(signature.backward.enter or (f"{found.cotangents[0].name.replace(chr(39), '')} = cotangent",))),
        _gradients(signature, forward, gradients, np),
        many=True,
        cotangents=found.cotangents,
        unbatched=frozenset(gradients[one] for one in wrt if one in weights),
        balanced=_balanced(signature.backward.balanced, gradients),
    )


def _calls(np: str) -> dict[str, str]:
    """What templates of results may call: functions of NumPy, and the helper of another library for what few have."""
    return {"np": np, "moveaxis": "np.moveaxis" if np == "np" else "moveaxis"}


def _balanced(scores: str, gradients: dict[str, str]) -> tuple[str, str] | None:
    return (gradients[scores], scores) if scores else None


def _gradients(signature: Signature, forward: Program, gradients: dict[str, str], np: str) -> tuple[str, ...]:
    """One expression for each positional array, in order; None for what has no gradient."""
    inputs = {tensor.name: tensor for tensor in forward.inputs}
    named = {name: _own_shape(signature, inputs[name], variable, np) for name, variable in gradients.items()}
    if signature.backward.leave:
        return tuple(_gradient(_filled(template, {**named, **_calls(np)})) for template in signature.backward.leave)
    listed = [p for p in signature.parameters if p.kind in ("array", "weight", "integer", "precise")]
    out = []
    for parameter in listed:
        code = named.get(parameter.name, "None")
        optional = parameter.name in inputs and inputs[parameter.name].optional and code != "None"
        out.append(_gradient(f"None if {parameter.name} is None else {code}" if optional else code))
    return tuple(out)


def _chosen(signature: Signature, wrt: tuple[str, ...], only: Collection[str] | None) -> tuple[str, ...]:
    unknown = [name for name in only or () if name not in wrt]
    if unknown:
        raise NotationError(f"{signature.name} has no gradient by {unknown[0]}; it has those by {', '.join(wrt)}")
    return tuple(name for name in wrt if only is None or name in only)


def _filled(template: str, named: Mapping[str, str]) -> str:
    """A gradient as it leaves, or None where it was not asked for."""
    wanted = {name for _, name, _, _ in Formatter().parse(template) if name is not None}
    return template.format(**named) if wanted <= named.keys() else "None"


def _gradient(code: str) -> str:
    return "None" if code == "None" else typed(code)


def _own_shape(signature: Signature, tensor: Tensor, variable: str, np: str) -> str:
    """A gradient in the shape of what came in."""
    if not signature.lead:
        return restored(tensor, variable)
    weight = any(p.name == tensor.name and p.kind == "weight" for p in signature.parameters)
    return (
        f"{np}.reshape({variable}, {tensor.name}_shape)"
        if weight
        else f"{np}.reshape(sum_to({variable}, {tensor.name}_near), {_parameter_of(signature, tensor)}_shape)"
    )


def _parameter_of(signature: Signature, tensor: Tensor) -> str:
    """The argument that an input comes from: itself, or the mask."""
    return tensor.name if any(p.name == tensor.name for p in signature.parameters) else "mask"


def has_rows(tensor: Tensor) -> bool:
    """Whether the first axis of an array is made of all its leading axes."""
    return bool(tensor.shape) and tensor.shape[0] == ROWS


def restored(tensor: Tensor, variable: str) -> str:
    """A variable with its rows as the leading axes that they were."""
    return f"from_rows({variable}, lead)" if has_rows(tensor) else variable


def typed(code: str) -> str:
    """A result in the dtype that came in."""
    return f"typed({code}, dtype)"
