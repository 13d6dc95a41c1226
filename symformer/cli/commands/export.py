"""`export`: a module that needs NumPy alone, or the array library that was asked for."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from symformer.calculus import NoDerivative
from symformer.cli.command import Command, add_out, add_shapes, deliver
from symformer.cli.names import SIGNATURES, page, users_program
from symformer.compile import (
    TARGETS,
    export_for,
    export_program,
    export_source,
    pseudocode,
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
    add_shapes(child)
    add_out(child)


def run(options: Namespace) -> int:
    """Writes the module."""
    own = users_program(options.name, options.shapes)
    if options.to == "pseudocode":
        return deliver(_pseudocode(own, options), options.out)
    if own is not None:
        return _program(*own, options)
    if options.name in SIGNATURES:
        return deliver(_library_function(SIGNATURES[options.name], options), options.out)
    derivation = page(options.name)
    if options.wrt or options.to != "numpy":
        return _program(derivation.function_name, derivation.program(), options)
    function = derivation.lambdify()
    return deliver(standalone(function.__name__, function.source), options.out)  # type: ignore[attr-defined]


def _pseudocode(own: tuple[str, Program] | None, options: Namespace) -> str:
    """The loop nests of an op, a page or a user's own program."""
    if own is None and options.name in SIGNATURES:
        own = options.name, SIGNATURES[options.name].program()
    if own is None:
        derivation = page(options.name)
        own = derivation.function_name, derivation.program()
    return pseudocode(*own, wrt=_names(options.wrt), to_latex=str(options.out or "").endswith(".tex"))


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
