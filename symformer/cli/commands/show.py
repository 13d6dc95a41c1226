"""`show`: one derivation or worked example, in one format."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from symformer.book import load
from symformer.cli.command import (
    Command,
    add_out,
    add_shapes,
    add_values,
    deliver,
    read_from,
)
from symformer.cli.names import definitions_page, users_program
from symformer.cli.parser import real_number, whole_number
from symformer.cli.written import add_formats, check_flavor, written_page
from symformer.derivation import Derivation, WorkedExample
from symformer.values import read_file, template
from symformer.writers import LEVELS, WRITERS, NotebookMissing, TypstMissing

FORMATS = (*WRITERS, "ipynb")


def fill(child: ArgumentParser) -> None:
    """Its arguments."""
    child.add_argument("slug", metavar="SLUG", help="a page, or FILE.py:NAME for a program or NumPy function of yours")
    add_formats(child, FORMATS)
    child.add_argument("--level", choices=LEVELS, help="that level alone")
    add_values(child)
    child.add_argument("--template", action="store_true", help="a .json file of values for --at, to fill in")
    child.add_argument("--decimals", type=whole_number, help="digits after the point of rounded numbers")
    child.add_argument("--digits", type=whole_number, help="significant digits of rounded numbers")
    child.add_argument(
        "--blank", metavar="SHARE", type=real_number, help="an exercise: leave out this fraction of results"
    )
    child.add_argument("--seed", type=whole_number, default=0, help="which results an exercise leaves out")
    child.add_argument("--answers", action="store_true", help="the answers of an exercise, at its end")
    child.add_argument("--document", action="store_true", help="LaTeX as a whole document with all that the page has")
    child.add_argument("--linear", action="store_true", help="text with one line a formula, nothing drawn")
    child.add_argument("--scientific", action="store_true", help="rounded numbers as powers of ten")
    add_shapes(child)
    add_out(child)


def run(options: Namespace) -> int:
    """Writes the page."""
    own = users_program(options.slug, options.shapes)
    derivation = load(options.slug) if own is None else definitions_page(*own)
    if options.template:
        return deliver(template(derivation.inputs, derivation.sizes, derivation.example), options.out)
    with read_from(options.at):
        written = _written(_item(derivation, options), options)
    return deliver(written, options.out)


def _item(derivation: Derivation, options: Namespace) -> Derivation | WorkedExample:
    """The derivation, or its worked example where numbers are asked for in a way of their own."""
    asked = {name: getattr(options, name) for name in ("decimals", "digits", "scientific", "blank")}
    if (
        options.at is None
        and options.level != "number"
        and all(value is None or value is False for value in asked.values())
    ):
        return derivation
    values, source = (None, "example") if options.at is None else (read_file(options.at), str(options.at))
    return derivation.at(values, source=source, seed=options.seed, answers=options.answers, **asked)


def _written(item: Derivation | WorkedExample, options: Namespace) -> str | bytes:
    check_flavor(options)
    level = options.level or (None if isinstance(item, Derivation) else "number")
    if options.format == "ipynb":
        return item.notebook(str(options.slug))
    if options.format == "text":
        return item.text(level, draw=not options.linear)
    if options.format == "latex" and options.document:
        return item.document(level)
    return written_page(item.page(), options, level)


COMMAND = Command("show", "Show one derivation or worked example.", fill, run, lambda: (NotebookMissing, TypstMissing))
