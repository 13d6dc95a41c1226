"""`export`: a module that needs NumPy alone."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from symformer.calculus import NoDerivative, reverse
from symformer.cli.command import Command, add_out, deliver
from symformer.cli.names import SIGNATURES, page, users_program
from symformer.compile import export_program, export_source, standalone


def fill(child: ArgumentParser) -> None:
    """Its arguments."""
    child.add_argument("name", metavar="NAME", help="an op such as softmax, a slug, or FILE.py:NAME for your own")
    child.add_argument("--to", choices=("numpy",), default="numpy")
    add_out(child)


def run(options: Namespace) -> int:
    """Writes the module."""
    own = users_program(options.name)
    if own is not None:
        backward = reverse(own[1])
        return deliver(export_program(own[0], own[1], backward.program, backward.wrt), options.out)
    if options.name in SIGNATURES:
        return deliver(export_source(SIGNATURES[options.name]), options.out)
    function = page(options.name).lambdify()
    return deliver(standalone(function.__name__, function.source), options.out)  # type: ignore[attr-defined]


COMMAND = Command("export", "Write a standalone module with a function.", fill, run, lambda: (NoDerivative,))
