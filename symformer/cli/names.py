"""What a NAME on the command line can stand for beside a slug."""

from __future__ import annotations

from pathlib import Path

from symformer.book import UnknownName, load
from symformer.cli.parser import meant
from symformer.derivation import Derivation, LoadError, load_program
from symformer.ops import MODULES, Signature
from symformer.programs import Program

SIGNATURES: dict[str, Signature] = {
    signature.name: signature for module in MODULES for signature in module.SIGNATURES
}  # the library's ops, by the name of their function


def users_program(name: str) -> tuple[str, Program] | None:
    """The name and the program that `FILE.py:NAME` stands for; None for a name without a file.

    Raises:
        LoadError: there is no such file, or no program of that name in it.
    """
    file, colon, found = name.rpartition(":")
    if not colon or not file.endswith(".py"):
        return None
    if not found.isidentifier():
        raise LoadError(Path(file), None, f"expected FILE.py:NAME, got {name}")
    return found, load_program(Path(file), found)


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
