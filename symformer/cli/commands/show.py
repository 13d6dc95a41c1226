"""`show`: one derivation or worked example, in one format."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable

from symformer.book import load
from symformer.cli.command import Command, add_out, add_values, deliver, read_from
from symformer.cli.parser import real_number, whole_number
from symformer.derivation import Derivation, WorkedExample
from symformer.values import read_file, template
from symformer.writers import LEVELS, NotebookMissing

FORMATS = ("text", "latex", "markdown", "html", "ipynb")


def fill(child: ArgumentParser) -> None:
    """Its arguments."""
    child.add_argument("slug", metavar="SLUG")
    child.add_argument("--format", choices=FORMATS, default="text")
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
    add_out(child)


def run(options: Namespace) -> int:
    """Writes the page."""
    derivation = load(options.slug)
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


def _written(item: Derivation | WorkedExample, options: Namespace) -> str:
    level = options.level or (None if isinstance(item, Derivation) else "number")
    writers: dict[str, Callable[[str | None], str]] = {
        "text": lambda chosen: item.text(chosen, draw=not options.linear),
        "latex": item.document if options.document else item.latex,
        "markdown": item.markdown,
        "html": item.html,
        "ipynb": lambda chosen: item.notebook(str(options.slug)),
    }
    return writers[options.format](level)


COMMAND = Command("show", "Show one derivation or worked example.", fill, run, lambda: (NotebookMissing,))
