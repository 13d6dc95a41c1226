"""Our own book: where its files are, and its derivations by slug."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from symformer.derivation import Chapter, Derivation, load_file, slug_of, title_of
from symformer.derivation import contents as chapters_of
from symformer.proof import Lemma

PACKAGE = Path(__file__).resolve().parent.parent


class UnknownName(LookupError):
    """Nothing in the book is called that; says what comes close."""


@dataclass(frozen=True)
class Listed:
    """A row of the table of contents."""

    slug: str
    title: str
    part: str

    def _repr_markdown_(self) -> str:
        return f"**{self.title}** (`{self.slug}`)"


def book_folder() -> Path:
    """The folder of our derivations: in an installed package, else beside a checkout.

    Raises:
        UnknownName: neither is there.
    """
    for folder in (PACKAGE / "_derivations", PACKAGE.parent / "derivations"):
        if folder.is_dir():
            return folder
    raise UnknownName("the book's derivations are not installed")


@cache
def chapters() -> tuple[Chapter, ...]:
    """The chapters of our book, in reading order."""
    return chapters_of(book_folder())


def contents() -> tuple[Listed, ...]:
    """The book: slug, title and part of every derivation, in reading order."""
    return tuple(Listed(chapter.slug, title_of(chapter.path), chapter.part) for chapter in chapters())


def load(slug: str) -> Derivation:
    """A derivation of the book, e.g. `load("softmax-jacobian")`, or of a file of one's own, `load("notes/mine.py")`.

    Raises:
        UnknownName: the book has no such derivation.
        LoadError: its file cannot be used.
    """
    chapter = find(slug)
    known = chapters()
    place = known.index(chapter) if chapter in known else len(known)
    titles = {listed.slug: listed.title for listed in contents()}
    earlier = _Lemmas(frozenset(one.slug for one in known[:place]))
    return load_file(chapter.path, chapter.slug, titles, earlier=earlier)


@dataclass(frozen=True)
class _Lemmas:
    """The lemmas of our chapters of these names; a function that can be pickled."""

    slugs: frozenset[str]

    def __call__(self, slug: str) -> tuple[Lemma, ...]:
        return load(slug).lemmas() if slug in self.slugs else ()


def find(slug: str) -> Chapter:
    """The chapter of this slug, or in this file where it ends in `.py`.

    Raises:
        UnknownName: there is none.
    """
    if slug.endswith(".py"):
        if not Path(slug).is_file():
            raise UnknownName(f"{slug}: no such file")
        return Chapter(slug_of(Path(slug).stem), Path(slug), "")
    known = {chapter.slug: chapter for chapter in chapters()}
    if slug not in known:
        close = difflib.get_close_matches(slug, known, n=1)
        hint = f"; did you mean {close[0]}?" if close else "; `symformer list` shows what there is"
        raise UnknownName(f"{slug or repr(slug)}: no such derivation{hint}")
    return known[slug]
