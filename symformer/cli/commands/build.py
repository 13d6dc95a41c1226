"""`build`: pages, contents and the LaTeX book of a folder."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from symformer.book import UnknownName, book_folder, build
from symformer.cli.command import Command
from symformer.cli.terminal import progress_of


def fill(child: ArgumentParser) -> None:
    """Its arguments."""
    child.add_argument("folder", metavar="DIR", nargs="?", type=Path, help="by default SymFormer's own book")
    child.add_argument("-o", metavar="OUT", type=Path, dest="out", default=Path("docs"), help="by default docs")
    child.add_argument("--no-pdf", action="store_true", help="do not run latexmk")


def run(options: Namespace) -> int:
    """Builds, and says what changed; problems go to standard error."""
    folder = options.folder or book_folder()
    if not folder.is_dir():
        raise UnknownName(f"{folder}: no such folder")
    with progress_of("building") as on_done:
        report = build(folder, options.out, pdf=not options.no_pdf, on_done=on_done)
    for problem in report.problems:
        print(f"symformer: {problem}", file=sys.stderr)
    remarks = "".join(f"; {remark}" for remark in report.remarks)
    print(f"{report.pages} pages in {options.out}, {len(report.written)} files changed{remarks}")
    return 1 if report.problems else 0


COMMAND = Command("build", "Build a folder of derivations: pages in Markdown and HTML, one LaTeX book.", fill, run)
