"""The command line's grammar."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import NoReturn

from symformer.cli.command import Command


class UsageError(Exception):
    """Bad usage: one line."""


class OneLineParser(argparse.ArgumentParser):
    """A parser that says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        """Raises what the program prints and turns into exit status 2."""
        raise UsageError(f"{self.prog}: {message}")


def parser(commands: Sequence[Command]) -> argparse.ArgumentParser:
    """The parser of these commands; what it parses holds the one to run as `command`, and this parser as `top`."""
    top = OneLineParser(
        prog="symformer", description="Transformers as symbols: derived, judged, in numbers, as functions."
    )
    rooms = top.add_subparsers(required=True, metavar="COMMAND", parser_class=OneLineParser)
    for command in commands:
        child = rooms.add_parser(command.name, help=command.summary.rstrip("."), description=command.summary)
        command.fill(child)
        child.set_defaults(command=command, top=top)
    return top
