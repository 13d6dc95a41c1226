"""C text to a library that is loaded: compiled once, and kept by content in the user's cache folder."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FLAGS = ("-std=c99", "-O3", "-march=native", "-fno-math-errno", "-fno-trapping-math", "-shared", "-fPIC")
CURE = "no C compiler is found: install gcc or clang (cc), or set CC to one"


def compiler() -> str:
    """The C compiler that is found: that of the variable CC, or cc, gcc or clang.

    Raises:
        ImportError: there is none; says what to do.
    """
    for name in (os.environ.get("CC", ""), "cc", "gcc", "clang"):
        found = shutil.which(name) if name else None
        if found is not None:
            return found
    raise ImportError(CURE)


def built(text: str) -> Path:
    """The library of a C file, compiled if it is not there yet.

    Raises:
        ImportError: there is no compiler, or it fails: the command and its first line of error.
    """
    folder = _folder()
    program = compiler()
    key = hashlib.sha256("\0".join([text, program, *FLAGS, sys.platform, _processor()]).encode()).hexdigest()[:32]
    library = folder / f"{key}.so"
    if library.exists() and library.stat().st_uid == os.getuid():
        return library
    with tempfile.TemporaryDirectory(dir=folder) as work:
        source, made = Path(work, "source.c"), Path(work, "made.so")
        source.write_text(text, encoding="utf-8")
        command = [program, *FLAGS, "-o", str(made), str(source), "-lm"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            first = next((line for line in done.stderr.splitlines() if "error" in line), done.stderr[:200])
            raise ImportError(f"{' '.join(command)}: {first}")
        os.replace(made, library)  # whole or not at all; two that compile at once write the same
    return library


def _processor() -> str:
    """What the processor can do: a library that was compiled for another is not loaded."""
    known = Path("/proc/cpuinfo")
    lines = known.read_text(encoding="utf-8").splitlines() if known.exists() else []
    told = next((line for line in lines if line.startswith(("flags", "Features"))), "")
    return f"{platform.machine()} {platform.processor()} {told}"


def _folder() -> Path:
    """A folder of the user's own, that nobody else may write to.

    Raises:
        ImportError: it belongs to somebody else.
    """
    base = os.environ.get("SYMFORMER_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "symformer"
    )
    folder = Path(base, "native")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    found = folder.stat()
    if found.st_uid != os.getuid() or found.st_mode & 0o022:
        raise ImportError(f"{folder}: belongs to others, or others may write to it; nothing is loaded from there")
    return folder
