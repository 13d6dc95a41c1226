"""`symformer`: 0 done, 1 a check failed, 2 bad usage or bad input."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from symformer.book import UnknownName
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
    *(error for command in COMMANDS for error in command.raises),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command line and returns the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        options = parser(COMMANDS).parse_args(arguments)
        status: int = options.command.run(options)
        return status
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except BAD_INPUT as error:
        name = "" if isinstance(error, UsageError) else "symformer: "
        print(f"{name}{error}".replace("\n", " "), file=sys.stderr)
        return 2
