"""`show`: one derivation or worked example, in one format."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from symformer.book import load
from symformer.cli.command import Command, add_out, add_values, deliver
from symformer.derivation import Derivation, WorkedExample
from symformer.values import read_file
from symformer.writers import LEVELS, tex_document

FORMATS = ("text", "latex", "markdown", "html")


def fill(child: ArgumentParser) -> None:
    """Its arguments."""
    child.add_argument("slug", metavar="SLUG")
    child.add_argument("--format", choices=FORMATS, default="text")
    child.add_argument("--level", choices=LEVELS, help="that level alone")
    add_values(child)
    child.add_argument("--decimals", type=int, help="digits after the point of rounded numbers")
    child.add_argument("--digits", type=int, help="significant digits of rounded numbers")
    child.add_argument("--scientific", action="store_true", help="rounded numbers as powers of ten")
    add_out(child)


def run(options: Namespace) -> int:
    """Writes the page."""
    derivation = load(options.slug)
    written = _written(_item(derivation, options), options.format, options.level)
    if options.format == "latex":
        written = tex_document(written, derivation.title)
    return deliver(written, options.out)


def _item(derivation: Derivation, options: Namespace) -> Derivation | WorkedExample:
    """The derivation, or its worked example where numbers are asked for in a way of their own."""
    asked = options.decimals is not None or options.digits is not None or options.scientific
    if options.at is None and options.level != "number" and not asked:
        return derivation
    values, source = (None, "example") if options.at is None else (read_file(options.at), str(options.at))
    rounding = {"decimals": options.decimals, "digits": options.digits, "scientific": options.scientific}
    return derivation.at(values, source=source, **rounding)


def _written(item: Derivation | WorkedExample, form: str, level: str | None) -> str:
    writers = {"text": item.text, "latex": item.latex, "markdown": item.markdown, "html": item.html}
    return writers[form](level) if level or isinstance(item, Derivation) else writers[form]()


COMMAND = Command("show", "Show one derivation or worked example.", fill, run)
