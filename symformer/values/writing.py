"""A reader's values as text, as they were written: in Python, or as a file of values to fill in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from sympy import Symbol

from symformer.notation import Tensor
from symformer.values.errors import ValuesError
from symformer.values.reading import Values, bind


def literal(values: Values, inputs: Sequence[Tensor]) -> str:
    """A dictionary of nested lists: `{"x": [1, 2.84, "1/3"]}`."""
    lines = [f"    {tensor.name!r}: {_nested(_texts(values, tensor))},\n" for tensor in inputs]
    return "{\n" + "".join(lines) + "}"


def _texts(values: Values, tensor: Tensor) -> list[tuple[tuple[int, ...], str]]:
    texts = []
    for place, value in values.entries[tensor.name].items():
        text = values.written.get((tensor.name, place), str(value))
        texts.append((place, f'"{text}"' if "/" in text else text))
    return texts


def _nested(texts: list[tuple[tuple[int, ...], str]]) -> str:
    if texts[0][0] == ():
        return texts[0][1]
    rows: dict[int, list[tuple[tuple[int, ...], str]]] = {}
    for place, text in texts:
        rows.setdefault(place[0], []).append((place[1:], text))
    return "[" + ", ".join(_nested(row) for row in rows.values()) + "]"


def template(inputs: Sequence[Tensor], sizes: Iterable[Symbol], example: Mapping[str, Any] | None) -> str:
    """A .json file of values that fits these inputs: the author's example, or small numbers of small, different sizes.

    Args:
        inputs: the inputs of a derivation.
        sizes: the sizes that need a number.
        example: its example values.
    """
    needed = sorted({*sizes, *(size for tensor in inputs for size in _symbols(tensor))}, key=str)
    given, values = _fitting(inputs, needed, example)
    loose = [(symbol.name, str(given[symbol.name])) for symbol in needed if symbol.name in given]
    entries = [*((tensor.name, _nested(_texts(values, tensor))) for tensor in inputs), *loose]
    lines = [f"  {json.dumps(name, ensure_ascii=False)}: {text}" for name, text in dict(entries).items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _symbols(tensor: Tensor) -> set[Symbol]:
    upper = tensor.domain.upper
    spans = [*tensor.shape, *([] if upper is None else [upper])]
    return {symbol for size in spans for symbol in size.free_symbols}


def _fitting(
    inputs: Sequence[Tensor], sizes: Sequence[Symbol], example: Mapping[str, Any] | None
) -> tuple[Mapping[str, Any], Values]:
    """The example; else numbers at sizes 2, 3, 4, …, or 2, 4, 8, …, which divide one another."""
    numbers = (range(2, len(sizes) + 2), [2 ** (power + 1) for power in range(len(sizes))])
    tried = [example] if example else [_simplest(inputs, dict(zip(sizes, found, strict=True))) for found in numbers]
    for given in tried[:-1]:
        with suppress(ValuesError):
            return given, bind(inputs, given, "example", sizes)
    return tried[-1], bind(inputs, tried[-1], "example", sizes)


def _simplest(inputs: Sequence[Tensor], sizes: dict[Symbol, int]) -> dict[str, Any]:
    """Values that every domain takes."""
    carried = {symbol for tensor in inputs for size in tensor.shape for symbol in size.free_symbols}
    loose = {symbol.name: number for symbol, number in sizes.items() if symbol not in carried}
    filled = {
        tensor.name: _filled(tensor, [max(1, int(size.subs(sizes))) for size in tensor.shape]) for tensor in inputs
    }
    return filled | loose


def _filled(tensor: Tensor, shape: list[int]) -> Any:
    if not shape:
        return 1
    last = shape[-1]
    rows: dict[str, Any] = {"simplex": [f"1/{last}"] * last, "permutation": list(range(1, last + 1))}
    filled: Any = rows.get(tensor.domain.kind, [1] * last)
    for size in reversed(shape[:-1]):
        filled = [filled] * size
    return filled
