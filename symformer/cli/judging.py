"""Results of the book's chapters, judged with a bar on the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from symformer.book import Result, chapters, contents, find, results
from symformer.cli.terminal import progress_of
from symformer.derivation import title_of


def judged(slugs: Sequence[str], *, fresh: bool = False) -> dict[str, Result]:
    """The result of each chapter, by slug; `fresh` judges anew what is kept. A slug may be a file of one's own.

    Raises:
        UnknownName: the book has no such derivation.
    """
    wanted = [find(slug) for slug in slugs]
    own = [chapter for chapter in wanted if chapter not in chapters()]
    titles = {listed.slug: listed.title for listed in contents()} | {one.slug: title_of(one.path) for one in own}
    found: dict[str, Result] = {}
    with progress_of("judging") as report:
        for result in results(wanted, titles, book=(*chapters(), *own), fresh=fresh):
            found[result.chapter.slug] = result
            report(result.chapter.slug, len(found), len(wanted))
    return found
