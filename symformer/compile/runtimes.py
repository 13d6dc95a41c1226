"""Programs and library functions for other runtimes than NumPy, looked at before they leave our hands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from importlib.util import find_spec
from typing import Any

from symformer.calculus import Backward, NoDerivative, reverse
from symformer.calculus.backward import differentiable
from symformer.compile.agreement import agreement
from symformer.compile.arrays import CompileError
from symformer.compile.jobs import backward_job, forward_job
from symformer.compile.names import identifier
from symformer.compile.targets import DIALECTS, TARGETS, library_module, program_module
from symformer.compile.targets.c import built, c_caller, c_library_module, c_program_module
from symformer.notation import Tensor
from symformer.notation.names import checked_name
from symformer.ops import Signature
from symformer.programs import Program


def known_target(target: str) -> str:
    """A target that there is.

    Raises:
        CompileError: there is none of that name; those that there are, are listed.
    """
    if target not in TARGETS:
        raise CompileError(f"target: expected one of {', '.join(TARGETS)}, got {target!r}")
    return target


def signature_module(signature: Signature, target: str, wrt: Sequence[str] | None = None) -> str:
    """The module of a library function for a target, with its backward function.

    Raises:
        CompileError: a definition has no form there; it is named.
        NotationError: it has no gradient by one of `wrt`.
    """
    if known_target(target) == "c":
        jobs = [forward_job(signature), *([backward_job(signature, wrt)] if signature.differentiable else [])]
        return c_library_module(signature.name, jobs)[0]
    return library_module(signature, DIALECTS[target], wrt)


def runtime_module(
    name: str, program: Program, target: str, wrt: Sequence[Tensor | str] | None = None, *, must_move: bool = True
) -> str:
    """The module of a program for a target, with its backward function.

    Args:
        name: of the function.
        program: what it computes.
        target: the runtime.
        wrt: the inputs that have a gradient; by default all that are real.
        must_move: whether a program without a derivative is an error; else its module has no backward function.

    Raises:
        CompileError: a definition has no form there; it is named.
        NoDerivative: a definition has no derivative.
    """
    called = identifier(checked_name(name, "function"))
    backward = _backward(program, wrt, must_move)
    if known_target(target) == "c":
        both = {called: program} if backward is None else {called: program, f"{called}_vjp": backward.program}
        return c_program_module(called, both, {f"{called}_vjp"})[0]
    return program_module(called, program, DIALECTS[target], backward)


def c_function(name: str, program: Program) -> tuple[str, str]:
    """The source of a Python function that calls the C function of a program, compiled now; and the C file.

    Raises:
        CompileError: a definition has no form in C; it is named.
        ImportError: there is no C compiler, or it fails.
    """
    text, (function,) = c_program_module(name, {name: program})
    return c_caller(name, program, function, built(text)), text


def _backward(program: Program, wrt: Sequence[Tensor | str] | None, must_move: bool) -> Backward | None:
    moving = differentiable(program.inputs) if wrt is None else wrt
    if not moving:
        return None
    seeds = {output.name: Tensor(f"d{output.name}", output.shape, joined=output.joined) for output in program.outputs}
    try:
        return reverse(program, moving, seeds)
    except NoDerivative:
        if must_move:
            raise
        return None


def runs_here(target: str) -> bool:
    """Whether the library of a target is installed."""
    return target != "c" and find_spec(DIALECTS[target].package) is not None


def looked_at(function: Callable[..., Any], program: Program, name: str, target: str) -> str:
    """Runs a function of a program once, at small sizes, and compares it with the definitions.

    Raises:
        CompileError: an output differs; it is named.
    """
    with _in_float64(function, target):
        return str(agreement(function, program, name))


@contextmanager
def _in_float64(function: Callable[..., Any], target: str) -> Iterator[None]:
    """While a function of JAX is looked at, its arrays keep float64."""
    jax = getattr(function, "space", {}).get("jax") if target == "jax" else None
    switch = getattr(jax, "enable_x64", None)
    with nullcontext() if switch is None else switch(True):
        yield
