"""`symformer`: 0 done, 1 a check failed, 2 bad usage or bad input; 130, 143, 141 where it is ended from outside."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress

from symformer.book import UnknownName
from symformer.cli.command import Command
from symformer.cli.commands import COMMANDS
from symformer.cli.endings import ended
from symformer.cli.parser import UsageError, parser
from symformer.compile import CompileError
from symformer.derivation import DerivationError, LoadError
from symformer.evaluate import Undecidable
from symformer.notation import NotationError
from symformer.system import visible
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
    return ended(lambda: _run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    """Parses and runs; whatever is wrong with what was given is one line."""
    top = parser(COMMANDS)
    try:
        options = top.parse(arguments)
    except UsageError as error:
        return _refused(str(error))
    except SystemExit as done:  # --help and --version have printed what there is
        return int(done.code or 0)
    if options.command is None:
        top.print_help()
        return 0
    command: Command = options.command
    try:
        return command.run(options)
    except BrokenPipeError:
        raise
    except UsageError as error:
        return _refused(str(error))
    except OSError as error:
        return _refused(f"symformer: {_system_words(error)}")
    except (*BAD_INPUT, *command.raises()) as error:
        return _refused(f"symformer: {error}")


def _system_words(error: OSError) -> str:
    """`page.html: No space left on device`; the system's words alone where no file is named."""
    words = error.strerror or str(error)
    return words if error.filename is None else f"{error.filename}: {words}"


def _refused(words: str) -> int:
    """One line for what is wrong with the input."""
    with suppress(OSError):  # standard error itself may be full or closed
        print(visible(words), file=sys.stderr)
    return 2
