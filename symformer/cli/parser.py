"""The command line's grammar."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NoReturn

from symformer.writers import LEVELS

FORMATS = ("text", "latex", "markdown", "html")


class UsageError(Exception):
    """Bad usage: one line."""


class OneLineParser(argparse.ArgumentParser):
    """A parser that says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        """Raises what the program prints and turns into exit status 2."""
        raise UsageError(f"{self.prog}: {message}")


def parser(commands: Mapping[str, Callable[..., int]]) -> argparse.ArgumentParser:
    """The parser; each command's function is found in `commands` by name."""
    top = OneLineParser(
        prog="symformer", description="Transformers as symbols: derived, judged, in numbers, as functions."
    )
    rooms = top.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=OneLineParser)
    for name, fill in _COMMANDS.items():
        child = rooms.add_parser(name, help=(fill.__doc__ or "").rstrip("."), description=fill.__doc__)
        fill(child)
        child.set_defaults(run=commands[name])
    return top


def _list(child: argparse.ArgumentParser) -> None:
    """The book's contents: slug, title and weakest verdict."""
    child.add_argument("--json", action="store_true", help="print JSON")


def _show(child: argparse.ArgumentParser) -> None:
    """Show one derivation or worked example."""
    child.add_argument("slug", metavar="SLUG")
    child.add_argument("--format", choices=FORMATS, default="text")
    child.add_argument("--level", choices=LEVELS, help="that level alone")
    child.add_argument("--at", metavar="VALUES", type=Path, help="a .json, .npz or .safetensors file of input values")
    child.add_argument("--decimals", type=int, help="digits after the point of rounded numbers")
    child.add_argument("-o", metavar="FILE", type=Path, dest="out", help="write to a file")


def _check(child: argparse.ArgumentParser) -> None:
    """Judge every line of the book, or of some derivations."""
    child.add_argument("slugs", metavar="SLUG", nargs="*")
    child.add_argument("--json", action="store_true", help="print JSON")
    child.add_argument("--fresh", action="store_true", help="judge anew what is kept from an earlier run")


def _eval(child: argparse.ArgumentParser) -> None:
    """Every named intermediate of an op or derivation at given values."""
    child.add_argument("name", metavar="NAME", help="an op such as softmax, or a slug")
    child.add_argument("--at", metavar="VALUES", type=Path, help="a .json, .npz or .safetensors file of input values")
    child.add_argument("--json", action="store_true", help="print JSON")


def _export(child: argparse.ArgumentParser) -> None:
    """Write a standalone module with a function."""
    child.add_argument("name", metavar="NAME", help="an op such as softmax, or a slug")
    child.add_argument("--to", choices=("numpy",), default="numpy")
    child.add_argument("-o", metavar="FILE", type=Path, dest="out", help="write to a file")


def _build(child: argparse.ArgumentParser) -> None:
    """Build a folder of derivations: Markdown pages and one LaTeX book."""
    child.add_argument("folder", metavar="DIR", nargs="?", type=Path, help="by default SymFormer's own book")
    child.add_argument("-o", metavar="OUT", type=Path, dest="out", default=Path("docs"), help="by default docs")
    child.add_argument("--no-pdf", action="store_true", help="do not run latexmk")


_COMMANDS: dict[str, Callable[[argparse.ArgumentParser], None]] = {
    "list": _list,
    "show": _show,
    "check": _check,
    "eval": _eval,
    "export": _export,
    "build": _build,
}
