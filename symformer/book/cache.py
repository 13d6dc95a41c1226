"""Results kept between runs, by content: a change to a file, to SymFormer or to what it stands on empties them."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from symformer.book.library import PACKAGE

STANDS_ON = ("sympy", "numpy", "python-flint", "jinja2")


def cache_folder() -> Path:
    """Where results are kept: $SYMFORMER_CACHE, else under $XDG_CACHE_HOME or ~/.cache."""
    own = os.environ.get("SYMFORMER_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(own) if own else Path(base) / "symformer"


@cache
def engine_digest() -> str:
    """A hash of all of SymFormer's own files and the versions of what they stand on."""
    total = hashlib.blake2b(digest_size=16)
    files = (
        path
        for ending in ("*.py", "*.j2", "*.css", "*.js")
        for path in PACKAGE.rglob(ending)
        if "_derivations" not in path.parts
    )
    for path in sorted(files):
        total.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0" + path.read_bytes())
    for name in STANDS_ON:
        total.update(f"{name}={version(name)}".encode())
    return total.hexdigest()


def keys_of(titles: dict[str, str], book: Mapping[str, Path]) -> dict[str, str]:
    """The keys of the results of a book's chapters by slug, in reading order.

    A key knows the chapter's file and the keys of earlier chapters that the file names: they may be its reasons.
    """
    keys: dict[str, str] = {}
    for slug, path in book.items():
        text = path.read_text(encoding="utf-8")
        named = [key for other, key in keys.items() if f'"{other}"' in text]
        content = [engine_digest(), slug, json.dumps(titles, sort_keys=True), text, *named]
        keys[slug] = hashlib.blake2b("\0".join(content).encode(), digest_size=16).hexdigest()
    return keys


def lines_key(slug: str) -> str:
    """The key of the verdicts of a chapter's lines, by their own content: one changed line is judged, not all."""
    return f"lines-{slug}-{engine_digest()}"


def recall(key: str) -> dict[str, Any] | None:
    """A kept result, or None; a damaged file counts as none."""
    try:
        found = json.loads((cache_folder() / f"{key}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def keep(key: str, result: dict[str, Any]) -> None:
    """Keeps a result; where the folder cannot be written, the next run does the work again."""
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f"{key}.{os.getpid()}.part"
        part.write_text(json.dumps(result), encoding="utf-8")
        part.replace(folder / f"{key}.json")
    except OSError:
        return
