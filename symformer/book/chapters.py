"""One chapter's result: judged, written, as plain data that worker processes can send and the cache can keep."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import Executor, as_completed
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from symformer.book.cache import keep, keys_of, lines_key, recall
from symformer.book.reads import digests, recording, unchanged
from symformer.derivation import Chapter, Derivation, Judged, LoadError, line_places, load_file, resolve, witnessed
from symformer.proof import Judge, Lemma, weakest
from symformer.system import Lost, Raised, cache_folder, described, worked
from symformer.writers import card, markdown, plain_inline, tex, web_page

LIMIT = 900.0  # seconds that a chapter may take: none of ours takes a tenth of it


@dataclass(frozen=True)
class Result:
    """What became of a chapter.

    Attributes:
        chapter: which one.
        lines: judged lines: reason, relation, verdict, evidence, normal form, expected, passes, seconds, who proves it,
            what the second judge says, and the line of the file.
        verdict: the weakest verdict among lines that are not expected to be refuted.
        markdown: its page, without the foot.
        tex: its section, without the foot.
        html: the main part of its web page, without the foot.
        live: the script with which the page's numbers recompute.
        uses: the slugs it refers to.
        card: what the contents and the indices of the book say of it.
        reads: hashes of all files that were read for it, by path.
        error: what went wrong, or empty.
    """

    chapter: Chapter
    lines: list[dict[str, Any]]
    verdict: str
    markdown: str
    tex: str
    html: str
    live: str
    uses: list[str]
    card: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    reads: Mapping[str, str] = field(default_factory=dict)


def work(slug: str, titles: dict[str, str], book: Mapping[str, str], fresh: bool = False) -> dict[str, Any]:
    """Judges and writes one chapter; runs in a worker process.

    Args:
        slug: its name.
        titles: the titles of the book by slug.
        book: the files of the book by slug, in reading order: lemmas of what comes earlier may be used.
        fresh: whether to judge anew what is kept.
    """
    path = book[slug]
    with recording() as noted:
        found = _worked(slug, path, titles, book, fresh)
    return {**found, "reads": digests(noted, cache_folder().resolve())}


def _worked(slug: str, path: str, titles: dict[str, str], book: Mapping[str, str], fresh: bool) -> dict[str, Any]:
    try:
        derivation, judge = _loaded(slug, titles, book, fresh)
        judgements = witnessed(derivation)
        page = derivation.page(judgements=judgements)
        keep(lines_key(slug), judge.memory)
        return {
            "lines": _lines(derivation, judgements, Path(path)),
            "verdict": weakest_of(judgements),
            "markdown": markdown(page),
            "tex": tex(page),
            "html": web_page(page, code=derivation.cells(slug)),
            "live": page.live,
            "card": card(page),
            "uses": list(derivation.uses),
            "error": "",
        }
    except LoadError as error:
        return _failed(str(error))
    except Exception as error:  # a stranger's page must not end the others'; what went wrong is reported
        return _failed(f"{path}: {described(error)}")


def _loaded(slug: str, titles: dict[str, str], book: Mapping[str, str], fresh: bool) -> tuple[Derivation, Judge]:
    """A chapter and its judge, who remembers; earlier chapters are loaded where their lemmas are asked for."""
    judge = Judge(None if fresh else recall(lines_key(slug)))
    order = list(book)

    def lemmas(other: str) -> tuple[Lemma, ...]:
        comes_earlier = other in book and order.index(other) < order.index(slug)
        return _loaded(other, titles, book, False)[0].lemmas() if comes_earlier else ()

    return load_file(Path(book[slug]), slug, titles, judge, lemmas), judge


def _failed(message: str) -> dict[str, Any]:
    empty = dict.fromkeys(("markdown", "tex", "html", "live"), "")
    return {"lines": [], "verdict": "error", **empty, "uses": [], "card": {}, "error": message}


def weakest_of(judgements: Sequence[Judged]) -> str:
    """The weakest verdict of the lines that are claimed; `none` where a page claims nothing."""
    return weakest([judged.verdict for judged in judgements if judged.line.expected is None])


def _lines(derivation: Derivation, judgements: Sequence[Judged], path: Path) -> list[dict[str, Any]]:
    """The judged lines, each with its place in the file (None where that cannot be told)."""
    places = line_places(path)
    told = len(places) == len(derivation.lines)
    where = {id(line): place for line, place in zip(derivation.lines, places, strict=True)} if told else {}
    return [{**line_data(judged), "place": where.get(id(judged.line))} for judged in judgements]


def line_data(judged: Judged) -> dict[str, Any]:
    """A judged line as plain data."""
    return {
        "reason": plain_inline(resolve(judged.line.reason, {})),
        "relation": judged.line.relation,
        "verdict": judged.verdict.kind,
        "expected": judged.line.expected,
        "seconds": round(judged.seconds, 4),
        "evidence": judged.verdict.evidence,
        "normal_form": judged.verdict.data.get("normal_form"),
        "conditions": list(judged.verdict.data.get("conditions", ())),
        "by": judged.verdict.data["by"],
        "second": judged.verdict.data["second"],
        "passes": judged.passes,
    }


def results(
    chapters: Sequence[Chapter],
    titles: dict[str, str],
    *,
    book: Sequence[Chapter] | None = None,
    executor: Executor | None = None,
    fresh: bool = False,
    limit: float | None = LIMIT,
) -> Generator[Result, None, None]:
    """The results of chapters, as they come: kept ones first, the others worked out on all cores.

    Args:
        chapters: which ones.
        titles: titles of all chapters, by slug.
        book: the whole book that they are of, in reading order; by default they are all of it.
        executor: where to work; by default in processes of its own, so that what crashes or hangs ends alone.
        fresh: whether to judge anew what is kept.
        limit: seconds that a chapter may take in a process of its own, or None for no limit.
    """
    order = {chapter.slug: chapter.path for chapter in book or chapters}
    keys = keys_of(titles, order)
    missing = []
    for chapter in chapters:
        if chapter.fault:
            yield Result(chapter, **_failed(f"{chapter.path}: {chapter.fault}"))
            continue
        found = None if fresh else recall(keys[chapter.slug])
        if found is None or not unchanged(found.get("reads", {})):
            missing.append(chapter)
        else:
            yield Result(chapter, **found)
    missing.reverse()  # books begin with short chapters: these fill the gaps that long ones leave at the end
    tasks = [(chapter, (chapter.slug, titles, {s: str(p) for s, p in order.items()}, fresh)) for chapter in missing]
    done = _by_workers(tasks, limit) if executor is None else _by_executor(tasks, executor)
    with closing(done):
        for chapter, data in done:
            if not data["error"]:
                keep(keys[chapter.slug], data)
            yield Result(chapter, **data)


Task = tuple[Chapter, tuple[Any, ...]]
Done = Generator[tuple[Chapter, dict[str, Any]], None, None]


def _by_workers(tasks: Sequence[Task], limit: float | None) -> Done:
    """Each chapter in a process: one that exits, crashes, hangs or raises what nobody catches is named."""
    with closing(worked(work, [arguments for _, arguments in tasks], limit=limit)) as outcomes:
        for number, outcome in outcomes:
            chapter = tasks[number][0]
            if isinstance(outcome, Lost):
                yield chapter, _failed(f"{chapter.path}: {outcome.why}")
            elif isinstance(outcome, Raised):
                yield chapter, _failed(f"{chapter.path}: {described(outcome.error)}")
            else:
                yield chapter, outcome


def _by_executor(tasks: Sequence[Task], pool: Executor) -> Done:
    waiting = {pool.submit(work, *arguments): chapter for chapter, arguments in tasks}
    for future in as_completed(waiting):
        yield waiting[future], future.result()
