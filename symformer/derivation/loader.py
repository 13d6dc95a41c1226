"""Loading a folder of derivations by path: ours or anybody's. Nothing of it becomes importable by a public name."""

from __future__ import annotations

import ast
import importlib.util
import re
import sys
import tokenize
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from symformer.derivation.core import no_lemmas
from symformer.derivation.derivation import Derivation
from symformer.derivation.lines import DerivationError
from symformer.derivation.places import line_places
from symformer.programs import Computed, Program, program
from symformer.proof import Judge, Lemma
from symformer.system import described


class LoadError(Exception):
    """A derivation file that cannot be used: names the file, the line and what is wrong."""

    def __init__(self, path: Path, line: int | None, message: str) -> None:
        where = f"{path}:{line}" if line else str(path)
        super().__init__(f"{where}: {message}")


@dataclass(frozen=True)
class Chapter:
    """A derivation in a folder, not yet loaded; `fault` says why it cannot be a page."""

    slug: str
    path: Path
    part: str
    fault: str = ""


@dataclass(frozen=True)
class Guide:
    """What a contents.py may say beside its table.

    Attributes:
        leads: a line for each part, by its title.
        paths: ways through the book: a reader, a line, slugs in order.
    """

    leads: Mapping[str, str] = field(default_factory=dict)
    paths: tuple[tuple[str, str, tuple[str, ...]], ...] = ()


def guide(folder: Path, titles: Mapping[str, str]) -> Guide:
    """The LEADS and PATHS of a folder's contents.py; nothing where it has none.

    Args:
        folder: where it is.
        titles: the titles of the book by slug; a path to anything else is an error.

    Raises:
        LoadError: they are not what they should be, or a path leads to a page that is not there.
    """
    table = folder / "contents.py"
    if not table.exists():
        return Guide()
    module = _run(table, "contents")
    leads, paths = getattr(module, "LEADS", {}), getattr(module, "PATHS", ())
    try:
        found = tuple((str(reader), str(lead), tuple(map(slug_of, stems))) for reader, lead, stems in paths)
        guided = Guide({str(part): str(lead) for part, lead in leads.items()}, found)
    except (TypeError, ValueError, AttributeError) as error:
        raise LoadError(
            table, None, "expected LEADS = {part: line}, PATHS = ((reader, line, (file, ...)), ...)"
        ) from error
    for reader, _, stops in found:
        for stop in stops:
            if stop not in titles:
                raise LoadError(table, None, f"{reader}: there is no page {stop}")
    return guided


def contents(folder: Path) -> tuple[Chapter, ...]:
    """The chapters of a folder: in the order of its contents.py, else alphabetically.

    Raises:
        LoadError: contents.py names a file that is not there, or is not a table of contents.
    """
    table = folder / "contents.py"
    if table.exists():
        found = _listed(folder, table)
    else:
        files = sorted(path for path in folder.glob("*.py") if not path.name.startswith("_"))
        found = [Chapter(slug_of(path.stem), path, "Derivations") for path in files]
    first: dict[str, Chapter] = {}
    return tuple(_unless_taken(chapter, first.setdefault(chapter.slug, chapter)) for chapter in found)


def _unless_taken(chapter: Chapter, first: Chapter) -> Chapter:
    """The chapter, or what is wrong with it where an earlier file has its name."""
    if chapter.path == first.path:
        return chapter
    fault = f"its page would be called {chapter.slug}, as that of {first.path.name}"
    return Chapter(chapter.path.stem, chapter.path, chapter.part, fault)


def _listed(folder: Path, table: Path) -> list[Chapter]:
    parts = getattr(_run(table, "contents"), "CONTENTS", None)
    if not isinstance(parts, tuple):
        raise LoadError(table, None, "expected CONTENTS = ((part, (file, ...)), ...)")
    chapters = []
    for part, stems in parts:
        for stem in stems:
            path = folder / f"{stem}.py"
            if not path.exists():
                raise LoadError(table, None, f"{part}: there is no {path.name}")
            chapters.append(Chapter(slug_of(stem), path, part))
    return chapters


def slug_of(stem: str) -> str:
    """`softmax_jacobian` is `softmax-jacobian` in the book; what an address cannot hold becomes a dash, too."""
    return re.sub(r"[^A-Za-z0-9]+", "-", stem).strip("-") or "page"


def title_of(path: Path) -> str:
    """The title of a derivation, read without running its file; the file's name where it has none."""
    try:
        doc = _first_string(path)
    except (OSError, SyntaxError, ValueError, tokenize.TokenError):
        doc = ""
    return doc.splitlines()[0].rstrip(".") if doc else path.stem


def _first_string(path: Path) -> str:
    """The docstring of a file, of which no more is read."""
    aside = (tokenize.COMMENT, tokenize.NL)
    with path.open(encoding="utf-8") as lines:
        first = next(token for token in tokenize.generate_tokens(lines.readline) if token.type not in aside)
    found = ast.literal_eval(first.string) if first.type == tokenize.STRING else ""
    return found.strip() if isinstance(found, str) else ""


def load_file(
    path: Path,
    slug: str,
    titles: dict[str, str],
    judge: Judge | None = None,
    earlier: Callable[[str], Sequence[Lemma]] = no_lemmas,
) -> Derivation:
    """The derivation in a file, to be judged by this judge, with the lemmas of what comes earlier.

    Raises:
        LoadError: the file raises, or holds no `derivation`.
    """
    found = getattr(_run(path, slug), "derivation", None)
    if not isinstance(found, Derivation):
        raise LoadError(path, None, "expected a variable `derivation = Derivation(...)`")
    return found.named(slug, titles, judge, earlier)


def load_program(path: Path, name: str, made: Callable[[Any], Program] | None = None) -> Program:
    """The program of this name in a file, or the program of a tensor or function of this name.

    Args:
        path: the file.
        name: what it is called there.
        made: makes the program of a plain function, whose shapes a user has given.

    Raises:
        LoadError: there is no such file, it raises, or it holds no program of this name.
    """
    if not path.is_file():
        raise LoadError(path, None, "no such file")
    module = _run(path, "program")
    found = getattr(module, name, None)
    if isinstance(found, Computed):
        return program(found)
    if callable(found) and not isinstance(found, (Program, type)):
        if made is None:
            raise LoadError(path, None, f'{name} is a function: say the shapes of its arguments, --shapes "x: n d, …"')
        return made(found)
    if not isinstance(found, Program):
        known = [one for one, value in vars(module).items() if isinstance(value, (Computed, Program))]
        listed = f"; there are {', '.join(known)}" if known else ""
        raise LoadError(path, None, f"no program and no computed tensor is called {name}{listed}")
    return found


def _run(path: Path, name: str) -> Any:
    spec = importlib.util.spec_from_file_location(f"_symformer_book_{name.replace('-', '_')}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    writes = sys.dont_write_bytecode
    sys.dont_write_bytecode = True
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise LoadError(path, _line_in(path, error), described(error)) from error
    finally:
        sys.dont_write_bytecode = writes
    return module


def _line_in(path: Path, error: BaseException) -> int | None:
    """The last line of the file that the error went through."""
    if isinstance(error, SyntaxError):
        return error.lineno
    if isinstance(error, DerivationError) and error.line is not None and error.line <= len(line_places(path)):
        return line_places(path)[error.line - 1]
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename) == path]
    return lines[-1] if lines else None
