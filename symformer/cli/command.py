"""What a command is, and the arguments that several commands share."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from symformer.evaluate import Undecidable
from symformer.system import write_whole
from symformer.values import ValuesError


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


def add_shapes(child: ArgumentParser) -> None:
    """`--shapes`."""
    child.add_argument(
        "--shapes",
        help='of a NumPy function\'s arguments: "q: n d, k: m d"; also n 4*k, int[V] n, bool n m, ()',
    )


def add_out(child: ArgumentParser) -> None:
    """`-o FILE`."""
    child.add_argument("-o", metavar="FILE", type=Path, dest="out", help="write to a file")


@contextmanager
def read_from(values: Path | None) -> Iterator[None]:
    """While a reader's values are used: what cannot be computed with them names their file."""
    try:
        yield
    except (Undecidable, ValuesError) as error:
        if values is None or str(error).startswith(str(values)):
            raise
        raise ValuesError(f"{values}: {error}") from error


def deliver(written: str | bytes, out: Path | None) -> int:
    """To standard output, or to a file that is only touched now that all went well."""
    if out is not None:
        write_whole(out, written)
    elif isinstance(written, str):
        print(written.rstrip("\n"))
    else:
        sys.stdout.buffer.write(written)
    return 0
