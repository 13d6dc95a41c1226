"""The command line's grammar."""

from __future__ import annotations

import argparse
from argparse import ArgumentTypeError, Namespace
from collections.abc import Iterable, Sequence
from contextlib import suppress
from difflib import get_close_matches
from typing import Any, NoReturn

import symformer
from symformer.cli.command import Command


class UsageError(Exception):
    """Bad usage: one line."""


class OneLineParser(argparse.ArgumentParser):
    """A parser that says what is wrong in one line, and what may have been meant."""

    def error(self, message: str) -> NoReturn:
        """Raises what the program prints and turns into exit status 2."""
        raise UsageError(f"{self.prog}: {message}")

    def parse(self, arguments: Sequence[str] | None) -> Namespace:
        """The options.

        Raises:
            UsageError: there is something wrong with them.
        """
        options, unknown = self.parse_known_args(arguments)
        if unknown:
            child: argparse.ArgumentParser = options.child or self
            known = [name for action in child._actions for name in action.option_strings]
            raise UsageError(f"{child.prog}: unrecognized argument: {unknown[0]}{meant(unknown[0], known)}")
        return options

    def _get_value(self, action: argparse.Action, arg_string: str) -> Any:
        """The value of one argument; an empty text is none (a path of it would be the folder one stands in)."""
        if not arg_string.strip() and action.nargs != argparse.PARSER:
            raise argparse.ArgumentError(action, f"expected something, got the empty text {arg_string!r}")
        return super()._get_value(action, arg_string)

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            known = [str(one) for one in action.choices]
            hint = meant(str(value), known) or f"; expected {', '.join(known)}"
            raise argparse.ArgumentError(action, f"there is no {str(value)!r}{hint}")


def meant(name: str, known: Iterable[str]) -> str:
    """`; did you mean show?` where something is called much like this, else nothing."""
    close = get_close_matches(name.partition("=")[0], list(known), n=1)
    return f"; did you mean {close[0]}?" if close else ""


def parser(commands: Sequence[Command]) -> OneLineParser:
    """The parser of these commands; what it parses holds the one to run as `command`, and this parser as `top`."""
    top = OneLineParser(
        prog="symformer", description="Transformers as symbols: derived, judged, in numbers, as functions."
    )
    top.add_argument("--version", action="version", version=f"symformer {symformer.__version__}")
    top.set_defaults(command=None, child=None, top=top)
    rooms = top.add_subparsers(metavar="COMMAND", parser_class=OneLineParser)
    for command in commands:
        child = rooms.add_parser(command.name, help=command.summary.rstrip("."), description=command.summary)
        command.fill(child)
        child.set_defaults(command=command, child=child)
    return top


def whole_number(text: str) -> int:
    """A whole number in plain digits.

    Raises:
        ArgumentTypeError: something else, though Python may take it for one: `1_000`, `١`.
    """
    if not text.removeprefix("-").isdigit() or not text.isascii() or len(text) > 20:
        raise ArgumentTypeError(f"expected a whole number, got {text!r}")
    return int(text)


def real_number(text: str) -> float:
    """A number in plain digits; what is not finite is refused by who knows what it is of.

    Raises:
        ArgumentTypeError: something else, though Python may take it for one: `1_000`, `١`.
    """
    if text.isascii() and "_" not in text:
        with suppress(ValueError):
            return float(text)
    raise ArgumentTypeError(f"expected a number, got {text!r}")
