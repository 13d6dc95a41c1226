"""Commands that are ended from outside, and the surroundings that they are started in."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from symformer.cli import main
from symformer.dynamics import DynamicsError, Grid, sweep
from symformer.dynamics.checkpoint import Checkpoint
from symformer.dynamics.files import packed
from symformer.system import Lost, Raised, worked

SWEEP = ["sweep", "-n", "32", "--dims", "2", "--betas", "1:24:24", "--runs", "64", "--times", "0,30", "--workers", "2"]
WAITING = '''"""A page that waits."""
import pathlib, time
pathlib.Path("told").touch()
time.sleep(600)
'''


def started(arguments, cwd, **options):
    """A command in a process group of its own, which hears Ctrl-C as at a terminal."""
    hears = lambda: signal.signal(signal.SIGINT, signal.default_int_handler)  # noqa: E731
    return subprocess.Popen(
        [sys.executable, "-m", "symformer", *map(str, arguments)], cwd=cwd, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, start_new_session=True, preexec_fn=hears, **options,
    )  # fmt: skip


def descendants(process):
    """The processes that a process has started, and these."""
    found = []
    for path in Path("/proc").glob(f"{process}/task/*/children"):
        for child in path.read_text().split():
            found += [int(child), *descendants(int(child))]
    return found


def waited(condition, seconds=60):
    """Whether a condition comes true."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def gone(process):
    """Whether a process has ended."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] in ("Z", "X")
    except OSError:
        return True


ENDINGS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129, signal.SIGKILL: -9}
CASES = [("sweep", by) for by in ENDINGS] + [
    ("build", signal.SIGINT),
    ("build", signal.SIGTERM),
    ("show", signal.SIGTERM),
]


@pytest.mark.parametrize(("command", "by"), CASES)
def test_a_command_that_is_ended_leaves_no_process(tmp_path, command, by):
    (tmp_path / "book").mkdir()
    for name in ("one", "two"):
        (tmp_path / "book" / f"{name}.py").write_text(WAITING)
    arguments = {
        "sweep": [*SWEEP, "-o", "phase.npz"],
        "build": ["build", "book", "-o", "out", "--no-pdf"],
        "show": ["show", "book/one.py"],
    }[command]
    running = started(arguments, tmp_path)
    told = tmp_path / "told"
    begun = (lambda: told.exists()) if command == "show" else (lambda: len(descendants(running.pid)) >= 2)
    assert waited(begun), running.communicate()
    children = descendants(running.pid)
    running.send_signal(by)
    out, err = running.communicate(timeout=60)
    assert running.returncode == ENDINGS[by], err
    assert out == "" and "Traceback" not in err and len(err.splitlines()) <= 1
    assert waited(lambda: all(map(gone, children)))
    assert not [path for path in tmp_path.rglob(".symformer-*") if by != signal.SIGKILL]


def test_a_reader_who_has_gone_is_no_traceback(tmp_path, book):
    running = started(["show", "softmax-jacobian"], tmp_path)
    running.stdout.close()
    assert (running.wait(timeout=300), running.stderr.read()) == (141, "")
    running = started(["completion", "bash"], tmp_path)
    running.stdout.close()
    assert (running.wait(timeout=60), running.stderr.read()) == (141, "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")
def test_a_full_disk_is_one_line(tmp_path):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "symformer", "completion", "bash"],
            stdout=full, stderr=subprocess.PIPE, text=True, cwd=tmp_path, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (2, "symformer: No space left on device\n")


def square(number):
    """A task."""
    return {0: lambda: os._exit(3), 1: lambda: 1 / 0, 2: lambda: time.sleep(600)}.get(number, lambda: number**2)()


def test_workers_do_what_can_be_done():
    found = dict(worked(square, [(number,) for number in range(8)], workers=3, limit=20.0))
    assert found[0] == Lost("ended its process: exit 3")
    assert isinstance(found[1], Raised) and isinstance(found[1].error, ZeroDivisionError)
    assert found[2] == Lost("took longer than 20 s and was ended")
    assert {number: found[number] for number in range(3, 8)} == {number: number**2 for number in range(3, 8)}


# Sweeps. --------------------------------------------------------------------------------------------------------------

GRID = Grid((0.5,), (0.0, 2.0), (2,), n=4, runs=3)


def test_the_second_sweep_to_a_file_is_told(tmp_path):
    out = tmp_path / "phase.npz"
    with Checkpoint(out, GRID).held(), pytest.raises(DynamicsError, match="another sweep is at work on it"):
        sweep(GRID, out)
    sweep(GRID, out)
    assert [path.name for path in tmp_path.iterdir()] == ["phase.npz"]


COUNTS = [
    [[0, 4], [0, 4]], [[-1, 0], [0, 0]], [[0, 2], [0, 1]], [[0, 0.5], [0, 1]], [[0, float("nan")], [0, 1]],
    [[0, 3], [0, 19]], [[0, 0], [0, 16]], [[0, float("inf")], [0, float("inf")]], [[0, 1e300], [0, 1e300]],
]  # fmt: skip


@pytest.mark.parametrize("counts", COUNTS)
def test_impossible_counts_are_refused(tmp_path, counts):
    out = tmp_path / "phase.npz"
    checkpoint = Checkpoint(out, GRID)
    with checkpoint.held():
        (checkpoint.folder / f"{GRID.pieces()[0].name}.npz").write_bytes(packed({"counts": counts}, GRID.text))
    with pytest.raises(DynamicsError, match="expected counts of 3 runs, found others; delete it to go on"):
        sweep(GRID, out)
    assert not out.exists()


def test_a_result_that_cannot_be_is_refused(tmp_path):
    out = tmp_path / "phase.npz"
    for together in ([[[0.0, 2.0]]], [[[0.0, float("nan")]]], [[0.0]]):
        out.write_bytes(packed({"together": together, "pairs": [[[0.0, 1.0]]]}, GRID.text))
        with pytest.raises(DynamicsError, match=r"phase\.npz: expected the phase diagram of a sweep"):
            sweep(GRID, out)


# Surroundings. --------------------------------------------------------------------------------------------------------

SURROUNDINGS = {
    "no home": {"HOME": None, "SYMFORMER_CACHE": None, "XDG_CACHE_HOME": None},
    "a home that cannot be written": {"HOME": "/proc", "SYMFORMER_CACHE": None, "XDG_CACHE_HOME": None},
    "a cache that is a file": {"SYMFORMER_CACHE": "/dev/null"},
    "C": {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "dumb": {"TERM": "dumb"},
}


@pytest.mark.parametrize("name", SURROUNDINGS)
def test_a_page_is_checked_in_any_surroundings(tmp_path, name):
    changed = {**os.environ, **SURROUNDINGS[name]}
    environment = {key: value for key, value in changed.items() if value is not None}
    done = subprocess.run(
        [sys.executable, "-m", "symformer", "check", "temperature"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, errors="replace", check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "proved" in done.stdout


def test_a_working_folder_that_is_gone(tmp_path):
    (tmp_path / "gone").mkdir()
    code = "import os, sys; os.rmdir(os.getcwd()); from symformer.cli import main; sys.exit(main(sys.argv[1:]))"
    for arguments, status in ((["show", "temperature"], 0), (["show", "temperature", "-o", "page.txt"], 2)):
        (tmp_path / "gone").mkdir(exist_ok=True)
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments], cwd=tmp_path / "gone", capture_output=True, text=True, check=False
        )
        assert done.returncode == status, done.stderr
        assert len(done.stderr.splitlines()) == (status != 0)


def test_paths_with_spaces_and_line_breaks(tmp_path, capsys):
    folder = tmp_path / "a b\nc\u202e"
    assert main(["new", str(folder / "page.py")]) == 0
    assert main(["build", str(folder), "-o", str(folder / "my site"), "--no-pdf"]) == 0
    assert (folder / "my site" / "html" / "page.html").exists()
    assert main(["show", str(folder / "no.py")]) == 2
    err = capsys.readouterr().err
    assert len(err.splitlines()) == 1 and "a b\\nc\\u202e/no.py" in err
