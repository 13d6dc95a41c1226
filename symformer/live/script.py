"""The script of a live page: its inputs as data, its statements as calls of the runtime."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from symformer.calculus import NoDerivative
from symformer.compile import CompileError, Scope, javascript, lower
from symformer.live.statements import Statement, Statements
from symformer.notation import Tensor
from symformer.system import script_json
from symformer.values import Example


def live_script(example: Example, inputs: tuple[Tensor, ...], temperature: Tensor | None = None) -> str:
    """`const page = {...}`: what a page needs to recompute the numbers that it has shown so far.

    Args:
        example: the numbers, after its steps were made.
        inputs: what a reader may change.
        temperature: the input that a temperature slider sets (a number) or divides (scores, queries).

    Returns:
        JavaScript, or nothing where a definition has no array form, or is a derivative that has no rule.
    """
    found = Statements(example)
    try:
        for tensor in inputs:
            found.add(tensor)
        for tensor in example.numbers.shown_tensors:
            found.add(tensor)
        found.add_values()
        body = [line for statement in found.made if (line := _line(statement, found))]
    except (CompileError, NoDerivative):
        return ""
    data = {
        "inputs": [_input(tensor, example) for tensor in inputs],
        "rounding": example.rounding.data(),
        "hides": [statement.name for statement in found.made if statement.hides],
        "temperature": temperature.name if temperature is not None else None,
    }
    return _assembled(data, body)


def _assembled(data: Mapping[str, Any], body: list[str]) -> str:
    head = script_json(data, separators=(",", ":"))
    lines = ",\n".join(body)
    return (
        f"const page = {head};\n"
        "page.statements = (({ map, fold, contract, take, deposit, count, ones, named }) => [\n"
        f"{lines}\n"
        "])(arrays);"
    )


def _line(statement: Statement, found: Statements) -> str:
    """A name and what it is computed by; nothing for a number that has no array form, which the page then marks."""
    sizes = {size: str(number) for size, number in found.example.values.sizes.items()}
    letters = {letter: str(number) for letter, number in zip(statement.letters, statement.shape, strict=True)}
    bits = frozenset(tensor.digest for tensor in found.inputs if tensor.domain.kind == "mask")
    scope = Scope(found.names, frozenset(), frozenset(), {**sizes, **letters}, bits)
    try:
        code = javascript(lower(statement.body, statement.letters, scope), statement.letters)
    except CompileError:
        if not statement.name.startswith("value:"):
            raise
        return ""
    return f"[{script_json(statement.name)},load=>{code}]"


def _input(tensor: Tensor, example: Example) -> dict[str, Any]:
    """An input as data: what it may hold, and its numbers as their reader wrote them."""
    entries = example.values.entries[tensor.name]
    texts = [example.values.written.get((tensor.name, place), str(value)) for place, value in entries.items()]
    upper = tensor.domain.upper
    return {
        "name": tensor.name,
        "shape": list(example.interpreter.shape(tensor)),
        "kind": "real" if tensor.domain.kind in ("interval", "sphere") else tensor.domain.kind,
        "upper": example.interpreter.size(upper) if upper is not None else None,
        "sees": tensor.domain.sees,
        "values": texts,
    }
