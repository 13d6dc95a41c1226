"""The commands, in the order of the help: one file each, and one row here."""

from symformer.cli.commands import (
    build,
    certify,
    check,
    completion,
    contents,
    cost,
    evaluate,
    export,
    new,
    show,
    simulate,
    sweep,
    trace,
    vjp,
)

COMMANDS = (
    contents.COMMAND,
    show.COMMAND,
    check.COMMAND,
    certify.COMMAND,
    evaluate.COMMAND,
    export.COMMAND,
    vjp.COMMAND,
    simulate.COMMAND,
    sweep.COMMAND,
    cost.COMMAND,
    trace.COMMAND,
    build.COMMAND,
    new.COMMAND,
    completion.COMMAND,
)

__all__ = ["COMMANDS"]
