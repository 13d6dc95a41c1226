"""The border that every file of a reader's passes: bounded, and whatever a backend raises is one line that names it."""

from __future__ import annotations

import lzma
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

MOST_BYTES = 1 << 30  # of a file that is held in memory, and of what it unpacks to

# What JSON, ZIP, NumPy and safetensors raise at files that are damaged, truncated, encrypted, or lie.
DAMAGE = (
    ValueError, EOFError, LookupError, TypeError, ArithmeticError, AttributeError, RuntimeError, SyntaxError,
    MemoryError, zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, lzma.LZMAError, struct.error,
)  # fmt: skip


@contextmanager
def readable(path: Path, error: type[Exception], what: str = "") -> Iterator[None]:
    """While a file is read: whatever goes wrong becomes an `error` of one line, which names the file.

    Args:
        path: the file.
        error: the reading room's own error, which passes as it is.
        what: said before a backend's own words, e.g. "not JSON".
    """
    try:
        yield
    except error:
        raise
    except OSError as problem:
        raise error(f"{path}: cannot be read: {problem.strerror or problem}") from problem
    except RecursionError as problem:
        raise error(f"{path}: lists inside lists too deep") from problem
    except DAMAGE as problem:
        words = " ".join(str(problem).split())[:200] or "empty or damaged"
        raise error(f"{path}: {what}{': ' * bool(what)}{words}") from problem


def content_of(path: Path, most: int = MOST_BYTES) -> bytes:
    """The bytes of a file, of which no more than `most` are ever read.

    Raises:
        ValueError: it is longer, or no file.
        OSError: it cannot be read.
    """
    with open(path, "rb", opener=_without_waiting) as file:
        mode = os.fstat(file.fileno()).st_mode
        if not stat.S_ISREG(mode) and Path("/dev") not in path.parents:
            raise ValueError("expected a file, found a pipe or device")
        content: bytes = file.read(most + 1)
    if len(content) > most:
        raise ValueError(f"expected at most {most} bytes, found more")
    return content


def _without_waiting(name: str, flags: int) -> Any:
    """Opens a pipe that nobody writes to without waiting for a writer; what the shell gave under /dev waits."""
    waits = os.path.dirname(name).startswith("/dev")
    return os.open(name, flags if waits else flags | os.O_NONBLOCK)


def check_size(path: Path, most: int) -> int:
    """The size of a file that is no larger than `most`; raises as `content_of`."""
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise ValueError("expected a file, found none" if not stat.S_ISDIR(found.st_mode) else "is a folder")
    if found.st_size > most:
        raise ValueError(f"expected at most {most} bytes, found {found.st_size}")
    return found.st_size
