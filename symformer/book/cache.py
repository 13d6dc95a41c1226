"""Results kept between runs, by content: a change to a file, to SymFormer or to what it stands on empties them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from symformer.book.library import PACKAGE
from symformer.system import cache_folder, content_of, write_whole

STANDS_ON = ("sympy", "numpy", "python-flint", "jinja2")


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
        content = _content(path)
        named = [key for other, key in keys.items() if f'"{other}"'.encode() in content]
        known = [engine_digest(), slug, json.dumps(titles, sort_keys=True), *named]
        keys[slug] = _digest("\0".join(known).encode("utf-8", "surrogatepass") + b"\0" + content)
    return keys


def _content(path: Path) -> bytes:
    """The bytes of a chapter; of one that cannot be read, its name: who loads it says why."""
    try:
        return path.read_bytes()
    except OSError:
        return str(path).encode("utf-8", "surrogatepass")


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def lines_key(slug: str) -> str:
    """The key of the verdicts of a chapter's lines, by their own content: one changed line is judged, not all."""
    return f"lines-{slug}-{engine_digest()}"


def recall(key: str) -> dict[str, Any] | None:
    """A kept result, or None. A file that is not just as it was kept counts as none, whatever is in it."""
    try:
        digest, _, text = content_of(cache_folder() / f"{key}.json").partition(b"\n")
    except (OSError, ValueError):
        return None
    found: dict[str, Any] | None = json.loads(text) if digest == _digest(text).encode() else None
    return found


def keep(key: str, result: dict[str, Any]) -> None:
    """Keeps a result; where the folder cannot be written, the next run does the work again."""
    text = json.dumps(result).encode()
    try:
        folder = cache_folder()
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / f"{key}.json", _digest(text).encode() + b"\n" + text, durable=False)
    except OSError:
        return
