"""`build`: pages, contents and the LaTeX book of a folder."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from symformer.book import LIMIT, BuildError, UnknownName, book_folder, build
from symformer.cli.command import Command
from symformer.cli.parser import UsageError, real_number
from symformer.cli.terminal import progress_of
from symformer.system import visible


def fill(child: ArgumentParser) -> None:
    """Its arguments."""
    child.add_argument("folder", metavar="DIR", nargs="?", type=Path, help="by default SymFormer's own book")
    child.add_argument("-o", metavar="OUT", type=Path, dest="out", default=Path("docs"), help="by default docs")
    child.add_argument("--no-pdf", action="store_true", help="do not run latexmk")
    child.add_argument(
        "--limit", metavar="S", type=real_number, default=LIMIT, help="time limit for a page, in seconds"
    )
    child.add_argument("--force", action="store_true", help="overwrite files even if no build made them")


def run(options: Namespace) -> int:
    """Builds, and says what changed; problems go to standard error."""
    folder = options.folder or book_folder()
    if not folder.is_dir():
        raise UnknownName(f"{folder}: no such folder")
    if not 0 < options.limit < float("inf"):
        raise UsageError(f"symformer: --limit: expected seconds, more than 0, got {options.limit:g}")
    with progress_of("building") as on_done:
        report = build(
            folder, options.out, pdf=not options.no_pdf, on_done=on_done, limit=options.limit, force=options.force
        )
    for problem in report.problems:
        print(visible(f"symformer: {problem}"), file=sys.stderr)
    remarks = "".join(f"; {remark}" for remark in report.remarks)
    print(f"{report.pages} pages in {options.out}, {len(report.written)} files changed{remarks}")
    return 1 if report.problems else 0


COMMAND = Command(
    "build",
    "Build a folder of derivations: pages in Markdown and HTML, one LaTeX book.",
    fill,
    run,
    lambda: (BuildError,),
)
