"""What a NAME on the command line can stand for beside a slug."""

from __future__ import annotations

from pathlib import Path

import symformer
from symformer.arrays import parsed_shapes
from symformer.book import UnknownName, load
from symformer.cli.parser import meant
from symformer.derivation import Derivation, LoadError, load_program
from symformer.ops import MODULES, Signature
from symformer.programs import Program

SIGNATURES: dict[str, Signature] = {
    signature.name: signature for module in MODULES for signature in module.SIGNATURES
}  # the library's ops, by the name of their function


def users_program(name: str, shapes: str | None = None) -> tuple[str, Program] | None:
    """The name and the program that `FILE.py:NAME` stands for; None for a name without a file.

    Args:
        name: what a user typed.
        shapes: of the arguments, where it is a plain function: `q: n d, k: m d`.

    Raises:
        LoadError: there is no such file, or no program of that name in it.
    """
    file, colon, found = name.rpartition(":")
    if not colon or not file.endswith(".py"):
        return None
    if not found.isidentifier():
        raise LoadError(Path(file), None, f"expected FILE.py:NAME, got {name}")
    if shapes is None:
        return found, load_program(Path(file), found)
    given = parsed_shapes(shapes)
    return found, load_program(Path(file), found, lambda function: symformer.from_function(function, **given))


def page(name: str) -> Derivation:
    """The derivation of a slug or file, where an op could have been meant as well.

    Raises:
        UnknownName: there is none; says what comes close, of both.
    """
    try:
        return load(name)
    except UnknownName as error:
        hint = meant(name, SIGNATURES)
        if not hint:
            raise
        raise UnknownName(f"{name}: no such op or derivation{hint}") from error


def definitions_page(name: str, program: Program) -> Derivation:
    """The definitions of a program as a page."""
    doc = f"The definitions of {name}\n\nFrom its inputs to its outputs, statement by statement."
    return Derivation(doc, given=program.inputs, where=program.statements)
