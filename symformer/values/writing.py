"""A reader's values as Python text, as they were written."""

from __future__ import annotations

from collections.abc import Sequence

from symformer.notation import Tensor
from symformer.values.reading import Values


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
