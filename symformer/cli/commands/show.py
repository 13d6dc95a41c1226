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
    add_out(child)


def run(options: Namespace) -> int:
    """Writes the page."""
    derivation = load(options.slug)
    if options.at is not None:
        values = read_file(options.at)
        item: Derivation | WorkedExample = derivation.at(values, decimals=options.decimals, source=str(options.at))
        written = _written(item, options.format, options.level or "number")
    elif options.decimals is not None or options.level == "number":
        written = _written(derivation.at(decimals=options.decimals, source="example"), options.format, "number")
    else:
        written = _written(derivation, options.format, options.level)
    if options.format == "latex":
        written = tex_document(written, derivation.title)
    return deliver(written, options.out)


def _written(item: Derivation | WorkedExample, form: str, level: str | None) -> str:
    writers = {"text": item.text, "latex": item.latex, "markdown": item.markdown, "html": item.html}
    return writers[form](level)


COMMAND = Command("show", "Show one derivation or worked example.", fill, run)
