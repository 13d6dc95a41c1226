"""The pictures of the contents page: what builds on what, and how sure the lines are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from symformer.book.chapters import Result
from symformer.pictures import graph, shares
from symformer.proof import ORDER

Pictures = list[tuple[str, str, str]]


def overview(results: Sequence[Result], titles: dict[str, str]) -> Pictures:
    """(title, description, svg) of the graph of references and of the share of each verdict."""
    nodes = [(result.chapter.slug, titles[result.chapter.slug], f"{result.chapter.slug}.html") for result in results]
    place = {result.chapter.slug: number for number, result in enumerate(results)}
    edges = [
        (result.chapter.slug, used)
        for result in results
        for used in result.uses
        if place.get(used, len(results)) < place[result.chapter.slug]
    ]
    counted = Counter(line["verdict"] for result in results for line in result.lines)
    errors = sum(line["expected"] == line["verdict"] for result in results for line in result.lines)
    counted["refuted"] -= errors
    found = [(kind, counted[kind]) for kind in reversed(ORDER) if counted[kind]]
    found += [("errors, shown and refuted", errors)] if errors else []
    pictures = [shares("verdicts", "How many lines have each verdict", found)] if found else []
    pictures += [graph("builds-on", "Which page refers to which", nodes, edges)] if nodes else []
    return [(picture.title, picture.description, picture.svg) for picture in pictures]
