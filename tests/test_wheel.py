"""The wheel: what users get, in an empty folder."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel of this checkout."""
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    done = subprocess.run(command, cwd=out, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-500:] + done.stderr[-1500:]
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """A folder with the installed wheel; what it depends on is that of the running interpreter."""
    site = tmp_path_factory.mktemp("site")
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--target",
        str(site),
        str(wheel),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-1500:]
    return site


def python(installed, cwd, *arguments):
    """A Python process that sees the installed wheel and nothing of the checkout."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    environment |= {"PYTHONPATH": str(installed), "SYMFORMER_CACHE": str(cwd / "cache")}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def test_the_wheel_holds_what_is_needed_and_no_more(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    stems = {path.name for path in (ROOT / "derivations").glob("*.py")}
    assert {f"symformer/_derivations/{stem}" for stem in stems} <= names
    templates = {path.name for path in (ROOT / "symformer/writers/templates").iterdir()}
    assert {f"symformer/writers/templates/{name}" for name in templates} <= names
    assert {"symformer/py.typed", "symformer/functions/_softmax.py"} <= names
    roots = {name.split("/")[0] for name in names}
    assert {root for root in roots if not root.endswith(".dist-info")} == {"symformer"}
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
    assert not [name for name in names if "__pycache__" in name or name.endswith((".pyc", ".orig"))]


def test_the_installed_package_is_used(installed, tmp_path):
    done = python(installed, tmp_path, "-c", "import symformer; print(symformer.__file__)")
    assert done.stdout.startswith(str(installed)), done.stderr


def test_show_works_from_an_empty_folder(installed, tmp_path):
    done = python(installed, tmp_path, "-m", "symformer", "show", "softmax-jacobian")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Jacobian of the softmax\n")
    assert "proved" in done.stdout


def test_the_console_script_works(installed, tmp_path):
    script = installed / "bin" / "symformer"
    done = python(installed, tmp_path, str(script), "show", "softmax-jacobian", "--level", "index")
    assert done.returncode == 0, done.stderr


def test_the_book_builds_from_an_empty_folder(installed, tmp_path):
    done = python(installed, tmp_path, "-m", "symformer", "build", "-o", "out", "--no-pdf")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "softmax-jacobian.md").read_bytes() == (
        ROOT / "docs" / "softmax-jacobian.md"
    ).read_bytes()


def test_derivations_cannot_be_imported(installed, tmp_path):
    done = python(installed, tmp_path, "-c", "import derivations")
    assert done.returncode == 1
    assert "ModuleNotFoundError" in done.stderr
