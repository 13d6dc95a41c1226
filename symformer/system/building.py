"""C text to a library that is loaded: compiled once, and kept by content in the user's cache folder."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

FLAGS = ("-std=c99", "-O3", "-march=native", "-ffp-contract=fast", "-fno-math-errno", "-fno-trapping-math")
LIBRARY = ("-shared", "-fPIC")
CURE = (
    "no C compiler is found: install gcc or clang (cc), or ziglang from PyPI (pip install 'symformer[native]'), or set "
    "CC to one; symformer.functions has the same functions in NumPy alone"
)


def compiler() -> tuple[str, ...]:
    """The command of the C compiler that is found: that of the variable CC, or cc, gcc, clang, or Zig's.

    Raises:
        ImportError: there is none; says what to do.
    """
    for name in (os.environ.get("CC", ""), "cc", "gcc", "clang"):
        found = shutil.which(name) if name else None
        if found is not None:
            return (found,)
    if find_spec("ziglang") is not None:
        return (sys.executable, "-m", "ziglang", "cc")
    raise ImportError(CURE)


def built(text: str) -> Path:
    """The library of a C file, compiled if it is not there yet.

    Raises:
        ImportError: there is no compiler, or it fails: the command and its first line of error.
    """
    program = compiler()
    folder = _folder()
    key = hashlib.sha256("\0".join([text, *program, *FLAGS, sys.platform, _processor()]).encode()).hexdigest()[:32]
    library = folder / f"{key}.so"
    if _is_own(library):
        return library
    with tempfile.TemporaryDirectory(dir=folder) as work:
        source, made = Path(work, "source.c"), Path(work, "made.so")
        source.write_text(text, encoding="utf-8")
        command = [*program, *FLAGS, *LIBRARY, "-o", str(made), str(source), "-lm"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            first = next((line for line in done.stderr.splitlines() if "error" in line), done.stderr[:200])
            raise ImportError(f"{' '.join(command)}: {first}")
        os.replace(made, library)  # whole or not at all; two that compile at once write the same
    return library


def _is_own(library: Path) -> bool:
    """Whether a library is there, is a file of the user's own, and nobody else may write to it."""
    if library.is_symlink() or not library.is_file():
        return False
    found = library.stat()
    return found.st_uid == os.getuid() and not found.st_mode & 0o022


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
