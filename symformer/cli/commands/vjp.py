"""`vjp`: the backward pass of a user's own program, derived and judged."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from symformer.calculus import NoDerivative
from symformer.cli.command import Command, add_out, add_shapes, deliver
from symformer.cli.names import users_program
from symformer.cli.written import add_formats, written_page
from symformer.derivation import Derivation, Judged, JudgedForms, LoadError, gradient
from symformer.writers import LEVELS, WRITERS, TypstMissing


def fill(child: ArgumentParser) -> None:
    """Its arguments."""
    child.add_argument("name", metavar="FILE.py:NAME", help="a program, a computed tensor or a NumPy function of yours")
    child.add_argument("--wrt", help="inputs, with commas between: Q,K,V; by default all that are real and have axes")
    add_formats(child, WRITERS)
    child.add_argument("--level", choices=LEVELS[:2], help="that level alone")
    child.add_argument("--document", action="store_true", help="LaTeX as a whole document with all that the page has")
    add_shapes(child)
    add_out(child)


def run(options: Namespace) -> int:
    """Derives, judges, writes."""
    own = users_program(options.name, options.shapes)
    if own is None:
        raise LoadError(Path(options.name), None, "expected FILE.py:NAME")
    wrt = [name.strip() for name in options.wrt.split(",")] if options.wrt else None
    found = gradient(own[1], wrt)
    derivation = found.derivation
    judged_all: list[Judged | JudgedForms] = [*derivation.check(), *found.forms]
    bad = [judged for judged in judged_all if not judged.passes]
    for judged in bad:
        print(f"symformer: {own[0]}: {judged.verdict.kind}: {judged.verdict.evidence}", file=sys.stderr)
    deliver(_written(derivation, options), options.out)
    return 1 if bad else 0


def _written(derivation: Derivation, options: Namespace) -> str | bytes:
    if options.format == "latex" and options.document:
        return derivation.document(options.level)
    return written_page(derivation.page(), options, options.level)


COMMAND = Command(
    "vjp", "Derive and judge the backward pass of your own program.", fill, run, lambda: (NoDerivative, TypstMissing)
)
