"""What the README shows is what the tool prints."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"```python\n(.*?)```\n\nprints\n\n```text\n(.*?)```", README, flags=re.DOTALL)


def run(*arguments: str) -> str:
    """What a command prints."""
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(("code", "printed"), SHOWN, ids=range(len(SHOWN)))
def test_code_prints_what_stands_below_it(code, printed):
    assert run("-c", code).rstrip() == printed.rstrip()


def test_every_python_block_is_tested():
    assert README.count("```python") == len(SHOWN) == 4


def test_the_first_example_has_six_statements():
    assert len(compile_statements(SHOWN[0][0])) == 6


def compile_statements(code: str) -> list:
    """The top-level statements of some code."""
    return ast.parse(code).body


def test_the_commands_are_those_of_the_parser():
    """Every option in the README's shell block is one that its command has."""
    block = re.search(r"```sh\n(symformer show.*?)```", README, flags=re.DOTALL)
    assert block
    calls = [call for line in block[1].splitlines() for call in line.partition("  #")[0].split("&&")]
    assert len(block[1].splitlines()) == 4
    for call in calls:
        _, command, *words = call.split()
        usage = run("-m", "symformer", command, "--help")
        assert all(word.split("=")[0] in usage for word in words if word.startswith("-")), call


def test_the_picture_is_there_and_small():
    path = Path(__file__).parents[1] / "docs" / "images" / "page.png"
    assert str(path.relative_to(Path(__file__).parents[1])) in README
    assert path.stat().st_size < 100_000


def test_every_command_exists():
    for command in re.findall(r"^\| `symformer (\w+)", README, flags=re.MULTILINE):
        assert "usage" in run("-m", "symformer", command, "--help")
