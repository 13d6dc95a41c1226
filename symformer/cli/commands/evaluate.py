"""`eval`: every named intermediate, at given values or at the example's own."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from typing import Any

from symformer.cli.command import Command, add_json, add_values, read_from
from symformer.cli.names import SIGNATURES, page
from symformer.typeset import text
from symformer.values import Example, bind, op_program, read_file


def fill(child: ArgumentParser) -> None:
    """Its arguments."""
    child.add_argument("name", metavar="NAME", help="an op such as softmax, or a slug")
    add_values(child)
    add_json(child)


def run(options: Namespace) -> int:
    """One line a name, or an object of nested lists."""
    values, source = (None, "example") if options.at is None else (read_file(options.at), str(options.at))
    with read_from(options.at):
        named, shown = _intermediates(options.name, values, source)
    if options.json:
        print(json.dumps(named, indent=1))
        return 0
    for name, value in shown.items():
        print(f"{name} = {value}")
    return 0


def _intermediates(name: str, values: Mapping[str, Any] | None, source: str) -> tuple[dict[str, Any], dict[str, str]]:
    if name in SIGNATURES:
        signature = SIGNATURES[name]
        given = signature.example if values is None else values
        program = op_program(signature, given, source)
        example = Example(bind(program.inputs, given, source))
        tensors = program.unfold().statements
    else:
        worked = page(name).at(values, source=source)
        example, tensors = worked.example, tuple(worked.tensors())
    return {t.name: example.nested(t) for t in tensors}, {t.name: text(example.shown(t)) for t in tensors}


COMMAND = Command("eval", "Every named intermediate of an op or derivation at given values.", fill, run)
