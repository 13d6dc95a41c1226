"""What a build writes: all of it is known before any of it is written, and only what a build made is written over.

Every file ends in a line that says so; a file without it is a user's own and stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from symformer.system import content_of, write_whole

MADE = "symformer build made this file and makes it anew"
LINES = {".md": f"<!-- {MADE} -->\n", ".html": f"<!-- {MADE} -->\n", ".tex": f"% {MADE}\n"}


class BuildError(ValueError):
    """A build that would write over what no build made; names the file."""


def signed(path: Path, text: str) -> bytes:
    """The text of a file with the line that says who made it."""
    return (text.rstrip("\n") + "\n" + LINES[path.suffix]).encode("utf-8")


def check_free(files: Mapping[Path, str]) -> None:
    """Checks that no file is in the place of one of these but what a build made.

    Raises:
        BuildError: one is; it is named.
        OSError: one cannot be read.
    """
    for path, text in files.items():
        if path.is_symlink() or path.exists():
            found = content_of(path) if path.is_file() else b""
            if found != signed(path, text) and not found.endswith(LINES[path.suffix].encode()):
                raise BuildError(f"{path}: exists and was not made by a build; nothing was written")


def write_all(files: Mapping[Path, str]) -> list[Path]:
    """Writes those that change, each whole; returns them."""
    written = []
    for path, text in files.items():
        content = signed(path, text)
        if path.is_symlink() or not path.is_file() or content_of(path) != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, content)
            written.append(path)
    return written
