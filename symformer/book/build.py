"""Building a folder of derivations: pages in Markdown and HTML with contents and links, and one LaTeX book."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from symformer.book.chapters import LIMIT, Result, results
from symformer.book.front import IDENTITIES, SYMBOLS, front, parts_of
from symformer.book.output import check_free, write_all
from symformer.derivation import Chapter, Guide, contents, contradicts, guide, title_of
from symformer.system import write_whole
from symformer.writers import (
    Link,
    Place,
    contents_markdown,
    references_markdown,
    references_tex,
    tex_document,
    tex_parts,
    web_shell,
)

RESERVED = ("index", "readme", SYMBOLS, IDENTITIES)  # pages about the book, for the web and for GitHub
Files = dict[Path, str]


@dataclass
class Report:
    """What a build did.

    Attributes:
        pages: how many pages there are.
        written: the files that changed.
        problems: one line each: files that raised, lines that were refuted or stayed open, bad references.
        remarks: what was left out, e.g. the PDF where latexmk is missing.
    """

    pages: int = 0
    written: list[Path] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def build(
    folder: Path,
    out: Path,
    *,
    title: str = "SymFormer: transformers, derived and checked",
    pdf: bool = True,
    on_done: Callable[[str, int, int], None] = lambda slug, done, total: None,
    executor: Executor | None = None,
    limit: float | None = LIMIT,
    force: bool = False,
) -> Report:
    """Builds every derivation of a folder.

    Args:
        folder: where the derivations are, with or without a contents.py.
        out: where `README.md`, a page for each derivation, `html/` and `tex/` go; only files that change are touched.
        title: the title of the LaTeX book.
        pdf: whether to run latexmk.
        on_done: called with slug, number done and total after each chapter.
        executor: a `concurrent.futures` executor to work in.
        limit: seconds that a page may take.
        force: whether files that no build made are written over, too.

    Raises:
        LoadError: contents.py cannot be used.
        BuildError: a file that no build made is in the place of a page; nothing is written then.
        OSError: a file cannot be written; it is as it was then.
    """
    chapters = [_unless_reserved(chapter) for chapter in contents(folder)]
    titles = {chapter.slug: title_of(chapter.path) for chapter in chapters}
    found: dict[str, Result] = {}
    with closing(results(chapters, titles, executor=executor, limit=limit)) as judged:
        for result in judged:
            found[result.chapter.slug] = result
            on_done(result.chapter.slug, len(found), len(chapters))
    ordered = [found[chapter.slug] for chapter in chapters]
    report = Report(pages=sum(not result.error for result in ordered), problems=problems(ordered))
    book = _book(ordered, titles, out / "tex", title)
    files = _pages(ordered, titles, out) | _web(ordered, titles, out / "html", title, guide(folder, titles)) | book
    if not force:
        check_free(files)
    report.written += write_all(files)
    _make_pdf(next(iter(book)), pdf, report)
    return report


def _unless_reserved(chapter: Chapter) -> Chapter:
    """The chapter, or what is wrong with it where the contents have its name."""
    if chapter.slug.lower() not in RESERVED:
        return chapter
    return replace(chapter, fault=f"no page can be called {chapter.slug}: that is what the contents are called")


def problems(ordered: list[Result]) -> list[str]:
    """One line for everything that is wrong with the results of a book."""
    out = []
    place = {result.chapter.slug: number for number, result in enumerate(ordered)}
    for result in ordered:
        slug = result.chapter.slug
        if result.error:
            out.append(result.error)
        for line in result.lines:
            if not line["passes"]:
                wanted = f"expected {line['expected']}, " if line["expected"] else ""
                where = f"{result.chapter.path}:{line['place']}" if line["place"] else str(result.chapter.path)
                out.append(f"{where}: “{line['reason']}”: {wanted}{line['verdict']}: {line['evidence']}")
            if contradicts(line, line["second"]["kind"]):
                words = f"{line['verdict']}, {line['evidence']}; {line['second']['kind']}: {line['second']['words']}"
                out.append(f"{result.chapter.path}: “{line['reason']}”: the judges disagree: {words}")
        for used in result.uses:
            if place.get(used, len(ordered)) >= place[slug]:
                what = "comes later or is itself" if used in place else "does not exist"
                out.append(f"{result.chapter.path}: refers to {used}, which {what}")
    return out


def _pages(ordered: list[Result], titles: dict[str, str], out: Path) -> Files:
    files = {}
    for result in ordered:
        if not result.error:
            foot = references_markdown(*_references(result, ordered, titles))
            files[out / f"{result.chapter.slug}.md"] = result.markdown.rstrip() + "\n\n" + foot
    return files | {out / "README.md": contents_markdown(parts_of(ordered, titles))}


def _references(result: Result, ordered: list[Result], titles: dict[str, str]) -> tuple[list[Link], list[Link]]:
    own = result.chapter.slug
    uses = [Link(slug, titles.get(slug, slug)) for slug in result.uses]
    used_by = [Link(other.chapter.slug, titles[other.chapter.slug]) for other in ordered if own in other.uses]
    return uses, used_by


def _web(ordered: list[Result], titles: dict[str, str], folder: Path, title: str, guide: Guide) -> Files:
    files = {}
    good = [result for result in ordered if not result.error]
    for result in good:
        slug = result.chapter.slug
        place = _place(result, good, ordered, titles)
        page = web_shell(titles[slug], result.html, place=place, lines=bool(result.lines), live=result.live)
        files[folder / f"{slug}.html"] = page
    return files | {folder / f"{name}.html": page for name, page in front(ordered, titles, title, guide).items()}


def _place(result: Result, good: list[Result], ordered: list[Result], titles: dict[str, str]) -> Place:
    """Where a page stands: its part, its neighbours in reading order, what it uses and what uses it."""
    part = [one for one in good if one.chapter.part == result.chapter.part]
    names = list(dict.fromkeys(one.chapter.part for one in ordered))
    number = good.index(result)
    links = [Link(one.chapter.slug, titles[one.chapter.slug]) if one is not None else None
             for one in (_at(good, number - 1), _at(good, number + 1))]  # fmt: skip
    uses, used_by = _references(result, ordered, titles)
    return Place(
        result.chapter.part, f"part-{names.index(result.chapter.part) + 1}", part.index(result) + 1, len(part),
        links[0], links[1], tuple(uses), tuple(used_by),
    )  # fmt: skip


def _at(results: list[Result], number: int) -> Result | None:
    return results[number] if 0 <= number < len(results) else None


def _book(ordered: list[Result], titles: dict[str, str], folder: Path, title: str) -> Files:
    sections = [
        (result.chapter.part, result.tex + references_tex(*_references(result, ordered, titles)))
        for result in ordered
        if not result.error
    ]
    return {folder / "symformer.tex": tex_document(tex_parts(sections), title)}


def _make_pdf(source: Path, wanted: bool, report: Report) -> None:
    if not wanted:
        report.remarks.append("no PDF: not asked for")
    elif shutil.which("latexmk") is None:
        report.remarks.append(
            "no PDF: latexmk is not installed (Debian: apt-get install latexmk texlive-latex-recommended)"
        )
    elif source in report.written or not source.with_suffix(".pdf").exists():
        _compile(source, report)


def _compile(source: Path, report: Report) -> None:
    """Runs latexmk in a folder of its own, and moves what it made beside its source."""
    flags = ["-pdf", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape"]
    with TemporaryDirectory(prefix="symformer-") as folder:
        shutil.copy(source, folder)
        done = subprocess.run(
            ["latexmk", *flags, source.name], cwd=folder, capture_output=True, text=True, errors="replace", check=False
        )
        if done.returncode:
            first = next((line for line in done.stdout.splitlines() if line.startswith("!")), "it says no more")
            report.problems.append(f"{source}: latexmk failed: {first}")
            return
        made = source.with_suffix(".pdf")
        write_whole(made, (Path(folder) / made.name).read_bytes())
        report.written.append(made)
