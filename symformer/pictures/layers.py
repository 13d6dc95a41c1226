"""What builds on what, in rows: each node below all it builds on, at most three side by side."""

from __future__ import annotations

from collections.abc import Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

COLUMNS = 3
PLACES = {1: (1,), 2: (0, 2), 3: (0, 1, 2)}  # the columns that a row of so many takes
Edges = Sequence[tuple[str, str]]
Spot = tuple[int, int]


def check(nodes: Sequence[str], edges: Edges) -> None:
    """Says which node is there twice, or missing, or part of a circle."""
    for node in nodes:
        if nodes.count(node) > 1:
            raise ValueError(f"nodes: {node!r} is there twice")
    for node in (node for edge in edges for node in edge):
        if node not in nodes:
            raise ValueError(f"edges: there is no node {node!r}")
    try:
        TopologicalSorter(_below(edges)).prepare()
    except CycleError as error:
        raise ValueError(f"edges: a circle, {' to '.join(error.args[1])}") from None


def _below(edges: Edges) -> dict[str, list[str]]:
    """What each node builds on."""
    below: dict[str, list[str]] = {}
    for start, end in edges:
        below.setdefault(end, []).append(start)
    return below


def spots(nodes: Sequence[str], edges: Edges) -> tuple[dict[str, Spot], int]:
    """Row and column of each node, and the row with which those that have no edge begin."""
    rows: list[list[str]] = []
    below = _below(edges)
    depth = _depths(edges)
    places: dict[str, Spot] = {}
    for level in range(max(depth.values(), default=-1) + 1):
        layer = sorted(
            (node for node in nodes if depth.get(node) == level), key=lambda node: _wish(node, below, places)
        )
        for row in _rows(layer):
            places |= {node: (len(rows), column) for node, column in zip(row, PLACES[len(row)], strict=True)}
            rows.append(row)
    alone = [node for node in nodes if node not in depth]
    places |= {node: (len(rows) + k // COLUMNS, k % COLUMNS) for k, node in enumerate(alone)}
    return places, len(rows)


def _depths(edges: Edges) -> dict[str, int]:
    """The length of the longest way to each node that has an edge."""
    below = _below(edges)
    depth: dict[str, int] = {}
    for node in TopologicalSorter(below).static_order():
        depth[node] = max((depth[start] + 1 for start in below.get(node, ())), default=0)
    return depth


def _wish(node: str, below: dict[str, list[str]], places: dict[str, Spot]) -> float:
    """The column in which a node would stand right under what it builds on."""
    columns = [places[start][1] for start in below.get(node, ())]
    return sum(columns) / len(columns) if columns else 1.0


def _rows(layer: Sequence[str]) -> list[list[str]]:
    """A layer in as few rows as hold it, about equally full."""
    count = -(-len(layer) // COLUMNS)
    cuts = [round(k * len(layer) / count) for k in range(count + 1)]
    return [list(layer[start:end]) for start, end in pairwise(cuts)]
