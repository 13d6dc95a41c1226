"""What a NumPy function generated from a program looks like from outside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from symformer.notation import Tensor
from symformer.programs import DefinedTensor, Program


@dataclass(frozen=True)
class Parameter:
    """An argument of a function.

    Attributes:
        name: as in the signature; an array has the name of the program's input.
        doc: shape and meaning, one line.
        kind: `array` (leading axes are batch axes), `weight` (no batch axes), `option` (a number or flag), `size` (the
            size of that name), `integer` (an array of whole numbers), `precise` (an array that is computed in float64
            until it meets others), or a word of its own for what `enter` takes apart.
        default: the Python text of the default, or None for a required argument.
        keyword: whether it is keyword-only.
        least: the least number that an option may be.
        most: the largest number that it may be.
        below: a number that it has to be less than.
        above: what an option must be more than.
        place: whether an option is added to positions.
    """

    name: str
    doc: str
    kind: str = "array"
    default: str | None = None
    keyword: bool = False
    least: int | None = None
    most: int | None = None
    below: int | None = None
    above: int | None = None
    place: bool = False


@dataclass(frozen=True)
class Backward:
    """How the backward function of a signature differs from what follows from it.

    Attributes:
        wrt: the inputs of the program that gradients are taken by.
        enter: Python statements that give the cotangents their names in the backward program, from `cotangent`.
        leave: a Python expression for the gradient of each positional array, with `{x}` for that of the input x.
        balanced: the input whose gradient adds up to 0 along its last axis, since a shift of it changes nothing.
        program: makes a program of the same value that is differentiated in place of the one that is compiled.
    """

    wrt: tuple[str, ...] = ()
    enter: tuple[str, ...] = ()
    leave: tuple[str, ...] = ()
    balanced: str = ""
    program: Callable[[], Program] | None = None


@dataclass(frozen=True)
class Signature:
    """A function: its arguments, its programs and how arrays enter and leave.

    Attributes:
        name: the function.
        summary: first line of its docstring.
        returns: shape and meaning of the result.
        source: paper and equation.
        parameters: its arguments, in order.
        program: makes the program that is compiled, with guards for what is optional.
        enter: Python statements before the program: views of the inputs, defaults of options. No arithmetic on data.
        after: Python statements after the shapes are known to fit: defaults of options that need them.
        leave: a Python expression for each result, with `{0}`, `{1}`… for the outputs; by default the outputs.
        differentiable: whether it has a backward function.
        rows: the index whose rows are processed in blocks. Where its size is called r, rows are all leading axes of the
            arrays that carry it; else `lead` says whether there are batch axes in front.
        lead: whether batch axes in front of the rows are looped over.
        columns: a second index that is processed in blocks, where no maximum over it is needed.
        tried: whether exponentials are tried without a shift by the maximum of their row; sums tell if they need it.
        backward: what the backward function needs to know beside all that.
        notes: further lines of the docstring.
        example: values for the inputs of `op`, by name.
        op: the op itself, on tensors by name; those that a caller leaves out are missing.
        shapes: the axes of each tensor that `op` takes, "..." for leading ones; a last "?" marks what may be left out.
    """

    name: str
    summary: str
    returns: str
    source: str
    parameters: tuple[Parameter, ...]
    program: Callable[[], Program]
    enter: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    leave: tuple[str, ...] = ()
    differentiable: bool = True
    rows: str = ""
    lead: bool = False
    columns: str = ""
    tried: bool = False
    backward: Backward = field(default_factory=Backward)
    notes: tuple[str, ...] = ()
    example: Mapping[str, Any] = field(default_factory=dict)
    op: Callable[[Mapping[str, Tensor]], DefinedTensor] | None = None
    shapes: Mapping[str, str] = field(default_factory=dict)
