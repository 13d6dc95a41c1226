"""The pictures of the contents page: a map of the chapters, and how sure the lines are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from symformer.book.chapters import Result
from symformer.pictures import graph, shares
from symformer.proof import ORDER

Pictures = list[tuple[str, str, str]]
STRONGEST = 2  # parts on which a part is shown to build


def atlas(results: Sequence[Result], parts: Sequence[str]) -> str:
    """The parts of the book as a map, each under those that it refers to most; links to the parts of the contents."""
    part = {result.chapter.slug: result.chapter.part for result in results}
    place = {name: number for number, name in enumerate(parts, start=1)}
    uses = Counter(
        (result.chapter.part, part[used])
        for result in results
        for used in result.uses
        if used in part and place[part[used]] < place[result.chapter.part]
    )
    edges = [
        (used, part_name)
        for name in parts
        for (part_name, used), _ in Counter({pair: many for pair, many in uses.items() if pair[0] == name}).most_common(
            STRONGEST
        )
    ]
    nodes = [(name, name, f"#part-{place[name]}") for name in parts]
    return graph("map", "What builds on what", nodes, edges).svg if len(parts) > 1 else ""


def verdicts(results: Sequence[Result]) -> Pictures:
    """(title, description, svg) of the share of each verdict."""
    counted = Counter(line["verdict"] for result in results for line in result.lines)
    errors = sum(line["expected"] == line["verdict"] for result in results for line in result.lines)
    counted["refuted"] -= errors
    found = [(kind, counted[kind]) for kind in reversed(ORDER) if counted[kind]]
    found += [("errors, shown and refuted", errors)] if errors else []
    pictures = [shares("verdicts", "How many lines have each verdict", found)] if found else []
    return [(picture.title, picture.description, picture.svg) for picture in pictures]
