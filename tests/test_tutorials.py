"""The tutorials, followed to the letter by somebody who does nothing else."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

MODEL = Path(__file__).parent / "fixtures" / "models" / "gpt2"
TUTORIALS = sorted((Path(__file__).parents[1] / "docs" / "tutorials").glob("[0-9]*.md"))
BLOCK = re.compile(r"(?P<before>[^\n]*\n)\n*```(?P<kind>\w+)\n(?P<text>.*?)```", flags=re.DOTALL)
WRITE = re.compile(r"[Ww]rite `([^`]+)`:\s*$")


@pytest.fixture
def place(tmp_path):
    """A folder in which `symformer` and `python` are commands, and that holds nothing but a checkpoint, `my-model`."""
    commands = tmp_path / "bin"
    commands.mkdir()
    for name, call in (("symformer", "-m symformer"), ("python", "")):
        path = commands / name
        path.write_text(f'#!/bin/sh\nexec "{sys.executable}" {call} "$@"\n')
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    shutil.copytree(MODEL, tmp_path / "work" / "my-model")
    return tmp_path / "work"


def run(place, *command, **options):
    """What a command prints, on both streams."""
    environment = {**os.environ, "PATH": f"{place.parent / 'bin'}:{os.environ['PATH']}"}
    done = subprocess.run(
        command, cwd=place, env=environment, capture_output=True, text=True, check=False, timeout=120, **options
    )
    return done.stderr + done.stdout


def follow(text, place):
    """Does what each block asks for; gives the pairs of what is shown and what was printed."""
    printed, pairs = "", []
    for block in BLOCK.finditer(text):
        kind, body = block["kind"], block["text"]
        name = WRITE.search(block["before"])
        if name:
            path = place / name[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(body, encoding="utf-8")
        elif kind == "sh":
            printed = run(place, "bash", "-c", body)
        elif kind == "python":
            printed = run(place, sys.executable, "-c", body)
            assert "Traceback" not in printed, printed
        elif kind == "text":
            pairs.append((body, printed))
        else:
            pytest.fail(f"a block of {kind} that nothing is done with")
    return pairs


def shows(body, printed):
    """Whether the pieces between dots stand in what was printed, in order."""
    at = 0
    for piece in re.split(r"…\n?", body):
        found = printed.find(piece.strip("\n"), at)
        if found < 0:
            return False
        at = found + len(piece.strip("\n"))
    return True


@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.stem)
def test_a_tutorial_does_what_it_says(path, place):
    pairs = follow(path.read_text(encoding="utf-8"), place)
    assert pairs
    for body, printed in pairs:
        assert shows(body, printed), f"shown:\n{body}\nprinted:\n{printed[-3000:]}"


def test_the_comparison_bites():
    assert shows("a\n…\nc\n", "a\nb\nc\n")
    assert not shows("c\n…\na\n", "a\nb\nc\n")
    assert not shows("a\nc\n", "a\nb\nc\n")


def test_what_a_newcomer_writes_builds_at_the_first_try(place):
    """The derivation of the third tutorial, in a folder of its own."""
    text = next(path for path in TUTORIALS if path.stem.startswith("3")).read_text(encoding="utf-8")
    block = next(
        block for block in BLOCK.finditer(text) if (WRITE.search(block["before"]) or " ")[0].endswith("entropy.py`:\n")
    )
    (place / "notes").mkdir()
    (place / "notes" / "softmax_entropy.py").write_text(block["text"], encoding="utf-8")
    assert "1 pages in site" in run(place, "symformer", "build", "notes", "-o", "site", "--no-pdf")


def test_every_tutorial_is_listed():
    listed = (TUTORIALS[0].parent / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in TUTORIALS if f"({path.name})" not in listed] == []
