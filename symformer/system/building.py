"""C text to a library that is loaded: compiled once, and kept by content in the user's cache folder."""

from __future__ import annotations

import atexit
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from symformer.system.folders import cache_folder
from symformer.system.writing import write_whole

FLAGS = ("-std=c99", "-O3", "-march=native", "-ffp-contract=fast", "-fno-math-errno", "-fno-trapping-math")
LIBRARY = ("-shared", "-fPIC")
OTHERWISE = "symformer.functions has the same functions in NumPy alone"
CURE = (
    "no C compiler is found: install gcc or clang (cc), or ziglang from PyPI (pip install 'symformer[native]'), or set "
    f"CC to one; {OTHERWISE}"
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
    """The library of a C file, compiled if it is not there yet, or not as it was left.

    Raises:
        ImportError: there is no compiler, or it fails: the command and its first line of error.
    """
    program = compiler()
    folder = _folder()
    key = hashlib.sha256("\0".join([text, *program, *FLAGS, sys.platform, _processor()]).encode()).hexdigest()[:32]
    library = folder / f"{key}.so"
    if _is_own(library) and _is_whole(library):
        return library
    try:
        with tempfile.TemporaryDirectory(dir=folder) as work:
            made = _compiled(program, text, Path(work))
            said = _digest(made)
            os.replace(made, library)  # whole or not at all; two that compile at once write the same
        write_whole(_told(library), said, durable=False)
    except OSError as error:
        raise ImportError(f"{folder}: a library of compiled loops: {error.strerror or error}; {OTHERWISE}") from error
    return library


def _compiled(program: tuple[str, ...], text: str, work: Path) -> Path:
    """The library that the compiler writes into a folder; raises as `built`."""
    source, made = work / "source.c", work / "made.so"
    source.write_text(text, encoding="utf-8")
    command = [*program, *FLAGS, *LIBRARY, "-o", str(made), str(source), "-lm"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    except OSError as error:  # no program at all, whatever its mode says
        raise ImportError(f"{program[0]}: cannot be run: {error.strerror}; {OTHERWISE}") from error
    if done.returncode or not made.is_file():
        lines = [line for line in done.stderr.splitlines() if line.strip()] or [f"ended with status {done.returncode}"]
        raise ImportError(f"{' '.join(command)}: {next((line for line in lines if 'error' in line), lines[0])}")
    return made


def _told(library: Path) -> Path:
    """The file that says what is in a library."""
    return library.with_suffix(".sha256")


def _digest(library: Path) -> str:
    return hashlib.sha256(library.read_bytes()).hexdigest()


def _is_whole(library: Path) -> bool:
    """Whether a library is what was compiled: what a full disk or a crash left of it is not loaded."""
    try:
        return _told(library).read_bytes() == _digest(library).encode()
    except OSError:
        return False


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
    """A folder of the user's own, that nobody else may write to; for this process alone where no cache can be kept.

    Raises:
        ImportError: it belongs to somebody else, or nothing can be written anywhere.
    """
    try:
        folder = cache_folder() / "native"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        found = folder.stat()
        if found.st_uid == os.getuid() and not found.st_mode & 0o022:
            tempfile.TemporaryFile(dir=folder).close()
            return folder
    except (OSError, ValueError):  # read-only, no folder, no home, no user
        return _passing()
    raise ImportError(f"{folder}: belongs to others, or others may write to it; nothing is loaded from there")


@cache
def _passing() -> Path:
    """A folder that goes when the process ends."""
    try:
        folder = tempfile.mkdtemp(prefix="symformer-")
    except OSError as error:
        raise ImportError(f"no folder for compiled loops: {error.strerror}; {OTHERWISE}") from error
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)
