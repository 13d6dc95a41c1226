"""What a page reads besides its own file: helpers that it imports, data that it opens. Verdicts rest on these, too.

Files are noted as they are opened (an audit hook of Python). A helper that an earlier page of the same process has
imported is not opened again, so every module that is loaded from outside the libraries counts as read.
"""

from __future__ import annotations

import hashlib
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import source_from_cache
from pathlib import Path
from typing import Any

from symformer.book.library import PACKAGE

_LIBRARIES = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")})
_open: list[set[str]] = []  # what is being noted, for each recording that is under way
_hooked: list[bool] = []


@contextmanager
def recording() -> Iterator[set[str]]:
    """Notes the files that are opened for reading inside."""
    if not _hooked:
        _hooked.append(True)
        sys.addaudithook(_note)  # it stays for the life of the process, and does nothing between recordings
    noted: set[str] = set()
    _open.append(noted)
    try:
        yield noted
    finally:
        _open.remove(noted)


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if _open and event == "open" and isinstance(arguments[0], str) and not set(str(arguments[1])) & set("wax+"):
        for noted in _open:
            noted.add(arguments[0])


def digests(noted: set[str], but: Path) -> dict[str, str]:
    """Hashes of files that a page read, and of the modules that it may have used, by path; without its own cache."""
    modules = {str(module.__file__) for module in list(sys.modules.values()) if getattr(module, "__file__", None)}
    paths = {_source(Path(name)).resolve() for name in noted | modules}
    strangers = sorted(path for path in paths if path.is_file() and not _is_library(path) and but not in path.parents)
    return {str(path): _digest(path) for path in strangers}


def unchanged(reads: Mapping[str, str]) -> bool:
    """Whether every file is what it was."""
    return all(_digest(Path(name)) == digest for name, digest in reads.items())


def _source(path: Path) -> Path:
    """The source of a compiled module."""
    return Path(source_from_cache(str(path))) if path.suffix == ".pyc" and path.parent.name == "__pycache__" else path


def _is_library(path: Path) -> bool:
    """Whether a file is Python's, a package's or our own code: the engine's digest knows those."""
    ours = PACKAGE in path.parents and "_derivations" not in path.parts
    return (
        ours or path.parts[1] in ("proc", "sys", "dev", "etc") or any(str(path).startswith(one) for one in _LIBRARIES)
    )


def _digest(path: Path) -> str:
    try:
        return hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()
    except OSError:
        return ""
