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
    assert README.count("```python") == len(SHOWN) == 3


def test_the_first_example_has_six_statements():
    assert len(compile_statements(SHOWN[0][0])) == 6


def compile_statements(code: str) -> list:
    """The top-level statements of some code."""
    return ast.parse(code).body


def test_the_derivation_is_as_the_tool_prints_it():
    page = run("-m", "symformer", "show", "softmax-jacobian", "--format", "markdown", "--level", "index")
    chain = page[page.index("**(1)**") : page.index("## Verdicts")].rstrip()
    assert chain in README


def test_the_worked_line_is_as_the_tool_prints_it():
    steps = run("-m", "symformer", "show", "random-transformer", "--level", "number").split("\n\n")
    assert next(step for step in steps if step.startswith("Q_1 = X")) in README


def test_every_command_exists():
    for command in re.findall(r"^\| `symformer (\w+)", README, flags=re.MULTILINE):
        assert "usage" in run("-m", "symformer", command, "--help")
