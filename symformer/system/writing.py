"""Output that is whole or untouched: written beside its place under a name that nobody can foresee, and moved there."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

OWN = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
PREFIX = ".symformer-"  # of what is not yet in its place


def write_whole(path: Path, content: str | bytes, *, durable: bool = True) -> None:
    """Puts a file in its place, in one step. A link in that place is replaced; what it leads to stays as it is.

    A device or pipe, such as /dev/stdout, is written to.

    Args:
        path: its place.
        content: text, which is written as UTF-8, or bytes.
        durable: whether it is on the disk, and not only on its way there, before it replaces what was there.

    Raises:
        OSError: it cannot be written; what was there is as it was.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    with _named(path):
        mode = _mode(path)
        if mode is not None and not stat.S_ISREG(mode):
            path.write_bytes(data)
            return
        with _beside(path, data, durable) as name:
            if mode is not None:
                os.chmod(name, stat.S_IMODE(mode))
            os.replace(name, path)


def write_new(path: Path, content: str | bytes) -> None:
    """As `write_whole`, where nothing may be yet.

    Raises:
        FileExistsError: something is there.
        OSError: it cannot be written.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    with _named(path), _beside(path, data, True) as name:
        os.link(name, path, follow_symlinks=False)


def _mode(path: Path) -> int | None:
    """The mode of what is there: of a file, a device, a pipe; nothing for a link to a file, which is replaced."""
    try:
        if path.is_symlink() and path.is_file() and Path("/dev") not in path.parents:
            return None
        return path.stat().st_mode if Path("/dev") not in path.parents else stat.S_IFCHR
    except FileNotFoundError:
        return None


@contextmanager
def _beside(path: Path, data: bytes, durable: bool) -> Iterator[Path]:
    """The name of a finished file in the folder of `path`, which is gone afterwards."""
    name = path.with_name(f"{PREFIX}{secrets.token_hex(8)}")
    handle = os.open(name, OWN, 0o666)
    try:
        try:
            _write(handle, data)
            if durable:
                os.fsync(handle)
        finally:
            os.close(handle)
        yield name
    finally:
        with suppress(FileNotFoundError):
            os.unlink(name)


def _write(handle: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(handle, rest) :]


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Errors name the place that was asked for."""
    try:
        yield
    except OSError as problem:
        raise type(problem)(problem.errno, problem.strerror, str(path)) from problem
