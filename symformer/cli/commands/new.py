"""`new`: a derivation to start from."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from symformer.book import write_template
from symformer.cli.command import Command


def fill(child: ArgumentParser) -> None:
    """Its arguments."""
    child.add_argument("file", metavar="FILE.py", type=Path, help="where to write it, e.g. notes/softmax_entropy.py")


def run(options: Namespace) -> int:
    """Writes the file and says what comes next."""
    write_template(options.file)
    print(f"wrote {options.file}")
    print(f"look at it:  symformer show {options.file}")
    print(f"build it:    symformer build {options.file.parent} -o site")
    return 0


COMMAND = Command("new", "Write a derivation to start from: a template that builds.", fill, run)
