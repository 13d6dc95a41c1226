"""Pages in the format that was asked for."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable

from symformer.cli.parser import UsageError
from symformer.writers import FLAVORS, WRITERS, Page, markdown, typst_pdf


def add_formats(child: ArgumentParser, formats: Iterable[str]) -> None:
    """`--format` and `--flavor`."""
    child.add_argument("--format", choices=tuple(formats), default="text", help="typst with -o FILE.pdf makes the PDF")
    child.add_argument("--flavor", choices=tuple(FLAVORS), help="of Markdown; by default GitHub's")


def check_flavor(options: Namespace) -> None:
    """Checks that a flavour is one of Markdown.

    Raises:
        UsageError: it is asked for with another format.
    """
    if options.flavor is not None and options.format != "markdown":
        raise UsageError("symformer: --flavor: of --format markdown only")


def written_page(page: Page, options: Namespace, level: str | None) -> str | bytes:
    """A page in the format that was asked for, or the PDF that Typst makes of it.

    Raises:
        UsageError: a flavour of something else than Markdown, or a file that is no text would go to a terminal.
    """
    check_flavor(options)
    if options.format == "markdown":
        return markdown(page, level, flavor=options.flavor or "github")
    made = WRITERS[options.format](page, level)
    if isinstance(made, bytes) and options.out is None and sys.stdout.isatty():
        raise UsageError(f"symformer: --format {options.format}: this is no text: say -o FILE")
    pdf = options.format == "typst" and options.out is not None and options.out.suffix.lower() == ".pdf"
    return typst_pdf(made) if pdf and isinstance(made, str) else made
