"""The wheel: what users get, in an empty folder."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import symformer

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
    """A Python process that sees the installed wheel and nothing of the checkout, but for verdicts kept by content."""
    environment = {**os.environ, "PYTHONPATH": str(installed)}
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


def test_the_book_builds_from_an_empty_folder(installed, tmp_path, book):
    done = python(installed, tmp_path, "-m", "symformer", "build", "-o", "out", "--no-pdf")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "softmax-jacobian.md").read_bytes() == (
        ROOT / "docs" / "softmax-jacobian.md"
    ).read_bytes()


ALONE = """
import importlib.metadata as metadata
import re
import sys


def needed(name, found):
    for line in metadata.requires(name) or ():
        other = re.match(r"[A-Za-z0-9._-]+", line)[0]
        if "extra ==" not in line and other.lower() not in found:
            try:
                metadata.distribution(other)
            except metadata.PackageNotFoundError:
                continue
            found.add(other.lower())
            needed(other, found)
    return found


declared = needed("symformer", {"symformer"})
strangers = {
    module
    for module, owners in metadata.packages_distributions().items()
    if not {owner.lower() for owner in owners} & declared and module not in sys.modules
}


class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in strangers:
            raise ModuleNotFoundError(f"{name} is not among what the wheel declares", name=name)


sys.meta_path.insert(0, Absent())
"""


@pytest.mark.parametrize(
    "command",
    [
        ("list",), ("show", "softmax-jacobian"), ("show", "attention-backward", "--format", "html"),
        ("show", "temperature", "--format", "latex"), ("check", "key-bias"), ("export", "softmax"),
        ("eval", "softmax-jacobian"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_what_the_wheel_declares_is_enough(installed, tmp_path, command, book):
    """Nothing else that happens to be installed here is imported."""
    call = (
        f"{ALONE}\nassert 'hypothesis' in strangers\nfrom symformer.cli import main\nsys.exit(main({list(command)!r}))"
    )
    done = python(installed, tmp_path, "-c", call)
    assert done.returncode == 0, done.stderr


def test_functions_need_numpy_alone(installed, tmp_path):
    call = (
        "import sys; from symformer.functions import softmax; print(softmax([0.0, 0.0]));"
        "sys.exit(bool({'sympy', 'flint', 'jinja2', 'rich'} & set(sys.modules)))"
    )
    done = python(installed, tmp_path, "-c", call)
    assert (done.returncode, done.stdout) == (0, "[0.5 0.5]\n"), done.stderr


def test_one_release_has_one_version(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        lines = archive.read(metadata).decode().splitlines()
    version = next(line.removeprefix("Version: ") for line in lines if line.startswith("Version: "))
    assert version == symformer.__version__
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\n## {version} " in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_derivations_cannot_be_imported(installed, tmp_path):
    done = python(installed, tmp_path, "-c", "import derivations")
    assert done.returncode == 1
    assert "ModuleNotFoundError" in done.stderr
