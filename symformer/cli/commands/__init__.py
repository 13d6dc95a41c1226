"""The commands, in the order of the help: one file each, and one row here."""

from symformer.cli.commands import build, check, contents, evaluate, export, show

COMMANDS = (
    contents.COMMAND,
    show.COMMAND,
    check.COMMAND,
    evaluate.COMMAND,
    export.COMMAND,
    build.COMMAND,
)

__all__ = ["COMMANDS"]
