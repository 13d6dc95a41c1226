"""`export`: a module that needs NumPy alone, or the array library that was asked for."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from symformer.calculus import NoDerivative
from symformer.cli.command import Command, add_out, add_shapes, deliver
from symformer.cli.names import SIGNATURES, page, users_program
from symformer.compile import (
    TARGETS,
    CompileError,
    export_for,
    export_program,
    export_source,
    pseudocode,
    sharded_module,
    signature_module,
    standalone,
)
from symformer.ops import Signature
from symformer.programs import Program


def fill(child: ArgumentParser) -> None:
    """Its arguments."""
    child.add_argument("name", metavar="NAME", help="an op such as softmax, a slug, or FILE.py:NAME for your own")
    child.add_argument("--wrt", help="inputs with a gradient, with commas between; by default all that are real")
    child.add_argument(
        "--to",
        choices=(*TARGETS, "pseudocode"),
        default="numpy",
        help="the runtime, by default numpy; or the tiled loop nest, as text, in a .tex file as LaTeX",
    )
    child.add_argument("--shard", action="store_true", help="with --to jax: the body of each device of jax.shard_map")
    add_shapes(child)
    add_out(child)


def run(options: Namespace) -> int:
    """Writes the module."""
    if options.shard and options.to != "jax":
        raise CompileError(f"--shard is for --to jax, not for {options.to}")
    if options.shard and options.wrt:
        raise CompileError("--wrt: --shard writes the forward pass alone")
    own = users_program(options.name, options.shapes)
    if options.to == "pseudocode":
        return deliver(
            pseudocode(*_whole(own, options), wrt=_names(options.wrt), to_latex=_is_tex(options)), options.out
        )
    if options.shard:
        return deliver(sharded_module(*_whole(own, options)), options.out)
    if own is not None:
        return _program(*own, options)
    if options.name in SIGNATURES:
        return deliver(_library_function(SIGNATURES[options.name], options), options.out)
    derivation = page(options.name)
    if options.wrt or options.to != "numpy":
        return _program(derivation.function_name, derivation.program(), options)
    function = derivation.lambdify()
    return deliver(standalone(function.__name__, function.source), options.out)  # type: ignore[attr-defined]


def _whole(own: tuple[str, Program] | None, options: Namespace) -> tuple[str, Program]:
    """The program of an op, a page, or a user's own, with its name."""
    if own is not None:
        return own
    if options.name in SIGNATURES:
        return options.name, SIGNATURES[options.name].program()
    derivation = page(options.name)
    return derivation.function_name, derivation.program()


def _is_tex(options: Namespace) -> bool:
    return str(options.out or "").endswith(".tex")


def _program(name: str, program: Program, options: Namespace) -> int:
    wrt = _names(options.wrt)
    if options.to == "numpy":
        module, looked = export_program(name, program, wrt)
    else:
        module, looked = export_for(name, program, options.to, wrt)
    print(f"symformer: {looked}", file=sys.stderr)
    return deliver(module, options.out)


def _library_function(signature: Signature, options: Namespace) -> str:
    wrt = _names(options.wrt)
    return export_source(signature, wrt) if options.to == "numpy" else signature_module(signature, options.to, wrt)


def _names(text: str | None) -> list[str] | None:
    return [name.strip() for name in text.split(",")] if text else None


COMMAND = Command("export", "Write a standalone module with a function.", fill, run, lambda: (NoDerivative,))
