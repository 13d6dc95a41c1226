"""The front of a book for the web: contents as a map, search, the index of symbols and that of identities."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from symformer.book.chapters import Result
from symformer.book.overview import atlas, verdicts
from symformer.derivation import Guide
from symformer.pictures.standalone import packed
from symformer.writers import Entry, Link, Part, Path, render, web_shell
from symformer.writers.render import MARKS

SYMBOLS, IDENTITIES = "index-of-symbols", "index-of-identities"
MOST = 5  # pages that the index of symbols names for one of them
PART = "\1"  # between the parts of what is said of a page


def parts_of(ordered: Sequence[Result], titles: Mapping[str, str], guide: Guide | None = None) -> list[Part]:
    """The table of contents: parts in order, each with its entries."""
    names = dict.fromkeys(result.chapter.part for result in ordered)
    return [_part(name, [one for one in ordered if one.chapter.part == name], titles, guide) for name in names]


def _part(name: str, results: Sequence[Result], titles: Mapping[str, str], guide: Guide | None) -> Part:
    entries = [
        Entry(one.chapter.slug, titles[one.chapter.slug], one.verdict, one.card.get("line", "")) for one in results
    ]
    pictures = [picture for one in results if (picture := one.card.get("picture", ""))]
    lead = guide.leads.get(name, "") if guide is not None else ""
    return Part(name, tuple(entries), lead, pictures[0] if pictures else "")


def front(ordered: Sequence[Result], titles: Mapping[str, str], title: str, guide: Guide) -> dict[str, str]:
    """The pages that are about the book, by name."""
    good = [result for result in ordered if not result.error]
    indices = (Link(SYMBOLS, "Symbols"), Link(IDENTITIES, "Identities"))
    whole = len({result.chapter.part for result in good}) > 1  # of a few pages the contents say enough
    main = _contents(good, ordered, titles, title, guide)
    found = {"index": web_shell(title, main, contents=True, indices=indices if whole else (), wide=True)}
    if whole:
        for link, page in zip(indices, (_symbols(good, titles), _identities(good, titles)), strict=True):
            found[link.slug] = web_shell(link.title, page, wide=True, lines=False)
    return found


def _contents(
    good: Sequence[Result], ordered: Sequence[Result], titles: Mapping[str, str], title: str, guide: Guide
) -> str:
    parts = parts_of(ordered, titles, guide)
    paths = [Path(who, lead, tuple(Link(one, titles[one]) for one in stops)) for who, lead, stops in guide.paths]
    return render(
        "contents.html.j2", title=title, parts=parts, paths=paths, total=len(ordered), judged=_judged(good),
        marks=MARKS, atlas=atlas(good, [part.title for part in parts]), pictures=verdicts(good),
        index=_index(good, titles),
    )  # fmt: skip


def _judged(results: Sequence[Result]) -> dict[str, int]:
    lines = [line for result in results for line in result.lines]
    errors = sum(line["expected"] == line["verdict"] for line in lines)
    proved = sum(line["verdict"] == "proved" for line in lines)
    return {"true": len(lines) - errors, "proved": proved, "errors": errors} if lines else {}


def _index(results: Sequence[Result], titles: Mapping[str, str]) -> str:
    """What is searched: of each page its name, title, idea, symbols and statements."""
    return packed(
        PART.join(
            [
                result.chapter.slug,
                titles[result.chapter.slug],
                result.card["said"],
                " ".join(one["text"] for one in result.card["symbols"]),
                *(one["text"] for one in result.card["results"]),
            ]
        )
        for result in results
    )


def _symbols(results: Sequence[Result], titles: Mapping[str, str]) -> str:
    found: dict[str, list[tuple[Result, dict[str, str]]]] = {}
    for result in results:
        for one in result.card["symbols"]:
            found.setdefault(one["text"], []).append((result, one))
    rows = [_row(found[name], titles) for name in sorted(found, key=lambda name: (name.casefold(), name))]
    return render("symbols.html.j2", rows=rows, formulas=packed(row["definition"] for row in rows if row["definition"]))


def _row(places: Sequence[tuple[Result, dict[str, str]]], titles: Mapping[str, str]) -> dict[str, Any]:
    defined = next((one for _, one in places if one["definition"]), {"definition": "", "said": ""})
    shapes = Counter(one["shape"] for _, one in places if one["shape"])
    pages = [Link(result.chapter.slug, titles[result.chapter.slug]) for result, _ in places]
    return {
        "symbol": places[0][1]["box"],
        "shapes": [shape for shape, _ in shapes.most_common(3)],
        "definition": defined["definition"],
        "said": defined["said"],
        "pages": pages[:MOST],
        "more": max(0, len(pages) - MOST),
    }


def _identities(results: Sequence[Result], titles: Mapping[str, str]) -> str:
    parts: list[dict[str, Any]] = []
    for name in dict.fromkeys(result.chapter.part for result in results):
        own = [result for result in results if result.chapter.part == name]
        found = [
            {**one, "slug": result.chapter.slug, "title": titles[result.chapter.slug]}
            for result in own
            for one in result.card["results"]
            if one["formula"]
        ]
        parts += [{"title": name, "found": found}] if found else []
    formulas = packed(one["formula"] for part in parts for one in part["found"])
    return render("identities.html.j2", parts=parts, formulas=formulas)
