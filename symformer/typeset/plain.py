"""Boxes as plain data, lists and strings alone, for what is kept in files."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from symformer.typeset import boxes
from symformer.typeset.boxes import Box


def to_data(box: Any) -> Any:
    """A box as a list that begins with its class's name; tuples as lists that begin with an empty name."""
    if isinstance(box, Box):
        return [type(box).__name__, *(to_data(getattr(box, field.name)) for field in fields(box))]
    return ["", *map(to_data, box)] if isinstance(box, tuple) else box


def from_data(data: Any) -> Any:
    """What `to_data` was given."""
    if not isinstance(data, list):
        return data
    name, *parts = data
    inner = [from_data(part) for part in parts]
    return getattr(boxes, name)(*inner) if name else tuple(inner)
