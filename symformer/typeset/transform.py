"""Boxes changed somewhere inside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from symformer.typeset.boxes import Box


def transform(box: Box, rule: Callable[[Box], Box | None]) -> Box:
    """The box with every part for which `rule` gives another one replaced by that, from the outside in."""
    found = rule(box)
    if found is not None:
        return found
    parts = {part.name: _inside(getattr(box, part.name), rule) for part in fields(box)}
    return replace(box, **parts)


def _inside(part: Any, rule: Callable[[Box], Box | None]) -> Any:
    if isinstance(part, Box):
        return transform(part, rule)
    return tuple(_inside(item, rule) for item in part) if isinstance(part, tuple) else part
