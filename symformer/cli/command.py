"""What a command is, and the arguments that several commands share."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Command:
    """A command of the command line: one file in `commands`, one row in its table.

    Attributes:
        name: what a user types.
        summary: one sentence for the help.
        fill: adds its arguments to its parser.
        run: does it and returns the exit status: 0 done, 1 a check failed.
        raises: what a user's bad input makes it raise, beside what every command may; becomes one line and status 2.
            It is asked for when something was raised, so that no room is loaded for its errors' sake.
    """

    name: str
    summary: str
    fill: Callable[[ArgumentParser], None]
    run: Callable[[Namespace], int]
    raises: Callable[[], tuple[type[Exception], ...]] = tuple


def add_json(child: ArgumentParser) -> None:
    """`--json`."""
    child.add_argument("--json", action="store_true", help="print JSON")


def add_values(child: ArgumentParser) -> None:
    """`--at VALUES`."""
    child.add_argument("--at", metavar="VALUES", type=Path, help="a .json, .npz or .safetensors file of input values")


def add_out(child: ArgumentParser) -> None:
    """`-o FILE`."""
    child.add_argument("-o", metavar="FILE", type=Path, dest="out", help="write to a file")


def deliver(written: str, out: Path | None) -> int:
    """To standard output, or to a file that is only touched now that all went well."""
    if out is None:
        print(written.rstrip("\n"))
        return 0
    out.write_text(written, encoding="utf-8")
    return 0
