"""The lines of a function before its first formula: arrays, options, shapes, sizes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sympy import Expr

from symformer.compile.arrays import CompileError
from symformer.compile.emission.reading import names_read
from symformer.compile.jobs import Job, has_rows
from symformer.compile.lines import size_text
from symformer.compile.lowering import Scope
from symformer.notation import Tensor
from symformer.ops import Parameter, Signature
from symformer.ops.letters import ROWS
from symformer.programs import Program


def arrays_line(function: str, helper: str, names: Sequence[str], missing: Sequence[str] = ()) -> str:
    """Conversion to arrays of one dtype; those in `missing` may be None."""
    given = ", ".join([*(f'"{name}"' for name in missing), *(f"{name}={name}" for name in names)])
    return f'{", ".join(names)}, dtype = {helper}("{function}", {given})'


def parameter_lines(
    function: str, parameters: Sequence[Parameter], program: Program, dtype: str = "np.float64"
) -> list[str]:
    """Arrays and options of a library function; `dtype` is the text of the dtype where no array has one."""
    optional = {tensor.name for tensor in program.inputs if tensor.optional}
    reals = [p.name for p in parameters if p.kind in ("array", "weight")]
    missing = [p.name for p in parameters if p.name in reals and (p.default == "None" or p.name in optional)]
    missing += ["memory"] if "memory" in reals else []
    lines = [arrays_line(function, "arrays", reals, missing)] if reals else [f"dtype = {dtype}"]
    helpers = {"integer": "whole_array", "precise": "precise_array"}
    lines += [
        f'{p.name} = {helpers[p.kind]}("{function}", "{p.name}", {p.name})' for p in parameters if p.kind in helpers
    ]
    return lines + _option_lines(function, parameters, program)


def _option_lines(function: str, parameters: Sequence[Parameter], program: Program) -> list[str]:
    whole = {tensor.name: tensor.domain.kind == "integer" for tensor in program.inputs}
    lines = []
    for parameter in parameters:
        name = parameter.name
        call = f'{name} = number("{function}", "{name}", {name}'
        if parameter.kind == "size":
            lines.append(f"{call}, whole=True, least=0)")
        elif parameter.kind == "option" and name in whole:
            extra = ", whole=True" * whole[name] + ", none=True" * (parameter.default == "None")
            extra += "" if parameter.least is None else f", least={parameter.least}"
            extra += "" if parameter.most is None else f", most={parameter.most}"
            extra += "" if parameter.below is None else f", below={parameter.below}"
            extra += "" if parameter.above is None else f", above={parameter.above}"
            extra += ", place=True" * parameter.place
            lines.append(f"{call}{extra})")
        elif parameter.kind == "option" and parameter.default in ("False", "True"):
            lines.append(f'{name} = flag("{function}", "{name}", {name})')
    return lines


def shape_line(function: str, arrays: Sequence[Tensor], scope: Scope) -> list[str]:
    """One call that checks all shapes against the sizes."""
    names = [scope.variables[tensor.digest] for tensor in arrays]
    specs = ", ".join(
        _spec(tensor, name, tensor.digest in scope.weights) for tensor, name in zip(arrays, names, strict=True)
    )
    return [f'shapes("{function}", "{specs}", {", ".join(names)})'] if specs else []


def _spec(tensor: Tensor, name: str, weight: bool) -> str:
    flat = has_rows(tensor)
    shape = tensor.shape[1:] if flat else tensor.shape
    letters = " ".join(str(size) if size.is_Symbol or size.is_Integer else "*" for size in shape)
    return f"{name}: {'=' if weight and not flat else ''}{letters}"


def split_lines(function: str, arrays: Sequence[Tensor], scope: Scope) -> tuple[list[str], list[str]]:
    """Lines that split axes which are a product in an array; and the sizes that have to be given for that."""
    lines: dict[str, None] = {}
    told: list[str] = []
    for tensor in arrays:
        variable, rest = scope.variables[tensor.digest], iter(tensor.shape)
        factors = []
        for count in tensor.joined:
            sizes = [next(rest) for _ in range(count)]
            open_at = max((place for place, size in enumerate(sizes) if not size.is_Integer), default=-1)
            texts = []
            for place, size in enumerate(sizes):
                texts.append("-1" if place == open_at else str(size) if size.is_Integer else scope.sizes[size])
                if place != open_at and not size.is_Integer:
                    lines |= dict.fromkeys(_known_before(size, arrays, scope, told))
            factors.append(f"({', '.join(texts)},)" if count == 1 else f"({', '.join(texts)})")
        if factors:
            lines[f'{variable} = split_axes("{function}", "{variable}", {variable}, {", ".join(factors)})'] = None
    return list(lines), told


def _known_before(size: Expr, arrays: Sequence[Tensor], scope: Scope, told: list[str]) -> list[str]:
    """The line that reads a size off an axis that has it alone; else it has to be given."""
    text = scope.sizes[size]
    for tensor in arrays:
        if not tensor.joined and size in tensor.shape:
            return [f"{text} = {scope.variables[tensor.digest]}.shape[{tensor.shape.index(size) - len(tensor.shape)}]"]
    told += [text] if text not in told else []
    return []


def flat_lines(arrays: Sequence[Tensor], scope: Scope) -> list[str]:
    """All leading axes of these arrays as rows."""
    lines: list[str] = []
    for tensor in arrays:
        name, tail = scope.variables[tensor.digest], len(tensor.shape) - 1
        if not lines:
            lines.append(f"lead = {name}.shape{f'[:-{tail}]' if tail else ''}")
        made = f"as_rows({name}, {tail})"
        lines.append(f"{name} = {made} if {name} is not None else None" if tensor.optional else f"{name} = {made}")
    return [*lines, f"{scope.sizes[ROWS]} = len({scope.variables[arrays[0].digest]})"] if lines else []


def spread_line(arrays: Sequence[Tensor], scope: Scope) -> list[str]:
    """Batch axes broadcast to what is common to all."""
    names = [scope.variables[tensor.digest] for tensor in arrays]
    given = [
        f"({', '.join([name, *(size_text(size, scope) for size in tensor.shape)])}{',' * (not tensor.shape)})"
        for name, tensor in zip(names, arrays, strict=True)
    ]
    return [f"lead, {', '.join(names)} = spread({', '.join(given)})"] if names else []


def given_shapes_line(signature: Signature) -> list[str]:
    """The shapes in which arrays came in, for their gradients, where views change them."""
    kinds = ("array", "weight", "mask")
    names = [p.name for p in signature.parameters if signature.lead and p.kind in kinds]
    shapes = ", ".join(f"{name}_shape" for name in names)
    return [f"{shapes} = shapes_of({', '.join(names)})"] if names else []


def near_shapes_line(arrays: Sequence[Tensor], scope: Scope) -> list[str]:
    """The shapes before batch axes are broadcast: a gradient is summed over what broadcasting added."""
    names = [scope.variables[t.digest] for t in arrays if t.domain.kind != "mask" and not t.domain.whole]
    near = ", ".join(f"{name}_near" for name in names)
    return [f"{near} = shapes_of({', '.join(names)})"] if names else []


def cotangent_lines(job: Job, flat: Sequence[Tensor], scope: Scope) -> list[str]:
    """A cotangent has the shape of the result."""
    if not flat and not job.signature.lead:
        return []
    lines = []
    for tensor in job.cotangents:
        lead = "*lead"
        if flat:
            name, tail = scope.variables[flat[0].digest], len(flat[0].shape) - 1
            lead = f"*{name}.shape{f'[:-{tail}]' if tail else ''}"
        own = tensor.shape[1:] if flat else tensor.shape
        sizes = ", ".join([lead, *(size_text(size, scope) for size in own)])
        variable = scope.variables[tensor.digest]
        comma = "" if own else ","
        lines.append(f'exact_shape("{job.name}", "cotangent", {variable}, ({sizes}{comma}))')
    return lines


def bound_lines(function: str, arrays: Sequence[Tensor], scope: Scope) -> list[str]:
    """Positions are checked against the size that they point into."""
    return [
        f'check_positions("{function}", "{scope.variables[tensor.digest]}", {scope.variables[tensor.digest]}, '
        f"{size_text(tensor.domain.upper, scope)})"
        for tensor in arrays
        if tensor.domain.upper is not None
    ]


def size_lines(arrays: Sequence[Tensor], scope: Scope, body: Iterable[str], given: Collection[str] = ()) -> list[str]:
    """One line for each size whose number the body uses, from the first input that has such an axis.

    Raises:
        CompileError: no input has one, and it is not given.
    """
    lines: dict[str, str] = {}
    read = names_read(body)
    for tensor in arrays:
        for place, size in enumerate(tensor.shape):
            text = scope.sizes.get(size, "")
            if text in read and size != ROWS and text not in (*lines, *given) and not tensor.optional:
                lines[text] = f"{text} = {scope.variables[tensor.digest]}.shape[{place - len(tensor.shape)}]"
    missing = [text for text in _sizes_in(read, scope) if text not in (*lines, *given, scope.sizes.get(ROWS))]
    if missing:
        raise CompileError(f"no input has an axis of size {missing[0]}, so its number is not known")
    return list(lines.values())


def missing_sizes(scope: Scope, body: Iterable[str]) -> list[str]:
    """The sizes whose numbers the lines of a body use."""
    return _sizes_in(names_read(body), scope)


def _sizes_in(read: Collection[str], scope: Scope) -> list[str]:
    return [text for text in dict.fromkeys(scope.sizes.values()) if text in read]


def solved_sizes(arrays: Sequence[Tensor], scope: Scope) -> dict[str, str]:
    """Lines for sizes that no axis has alone, from one that is a multiple of it and a number: 2 n, or n + 1."""
    known = {size for tensor in arrays for size in tensor.shape if size.is_Symbol}
    lines: dict[str, str] = {}
    for tensor in arrays:
        for place, size in enumerate(tensor.shape):
            unknown = size.free_symbols - known
            if size.is_Symbol or len(unknown) != 1 or size.free_symbols != unknown:
                continue
            (symbol,) = unknown
            factor, rest = size.coeff(symbol, 1), size.coeff(symbol, 0)
            if factor.is_Integer and rest.is_Integer and size.equals(factor * symbol + rest):
                text, axis = scope.sizes[symbol], f"{scope.variables[tensor.digest]}.shape[{place - len(tensor.shape)}]"
                lines.setdefault(text, f"{text} = ({axis} - {rest}) // {factor}")
    return lines
