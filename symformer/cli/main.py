"""`symformer`: 0 done, 1 a check failed, 2 bad usage or bad input."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from symformer.book import UnknownName
from symformer.cli.command import Command
from symformer.cli.commands import COMMANDS
from symformer.cli.parser import UsageError, parser
from symformer.compile import CompileError
from symformer.derivation import DerivationError, LoadError
from symformer.evaluate import Undecidable
from symformer.notation import NotationError
from symformer.values import ValuesError

BAD_INPUT: tuple[type[Exception], ...] = (
    UsageError,
    UnknownName,
    LoadError,
    ValuesError,
    NotationError,
    DerivationError,
    CompileError,
    Undecidable,
    OSError,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command line and returns the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        options = parser(COMMANDS).parse_args(arguments)
    except UsageError as error:
        return _refused(error)
    command: Command = options.command
    try:
        return command.run(options)
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except (*BAD_INPUT, *command.raises()) as error:
        return _refused(error)


def _refused(error: Exception) -> int:
    """One line for what is wrong with the input."""
    name = "" if isinstance(error, UsageError) else "symformer: "
    print(f"{name}{error}".replace("\n", " "), file=sys.stderr)
    return 2
