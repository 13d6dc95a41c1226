"""The house: what a reader would trip over first."""

from __future__ import annotations

import ast
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import symformer
from symformer.compile import function_modules
from symformer.compile.helpers import HELPERS

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "symformer"
FILES = sorted(PACKAGE.rglob("*.py"))
GENERATED = [PACKAGE / "functions", PACKAGE / "native"]
WRITTEN = [path for path in FILES if path.parent not in GENERATED]


def tree(path):
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(node):
    """The dotted names that an import statement imports from our own package."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names if alias.name.split(".")[0] == "symformer"]
    if isinstance(node, ast.ImportFrom) and (node.level or (node.module or "").split(".")[0] == "symformer"):
        return [node.module or ""]
    return []


def room(name):
    """The room of a dotted name; the package itself is the front door."""
    return name.split(".")[1] if "." in name else ""


def name_of(path):
    """A file relative to the package, for the names of tests."""
    return path.relative_to(PACKAGE).as_posix()


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_imports_of_the_package_stand_at_the_top(path):
    for function in ast.walk(tree(path)):
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            hidden = [found for node in ast.walk(function) for found in imported(node)]
            assert hidden == [], f"line {function.lineno}"


def arrows():
    """Room to rooms that it imports, without the front door, which loads lazily."""
    found = {}
    for path in FILES:
        own = room("symformer." + name_of(path).removesuffix(".py").replace("/", "."))
        targets = {room(name) for node in ast.walk(tree(path)) for name in imported(node)}
        if own not in ("__init__", "__main__"):
            found.setdefault(own, set()).update(targets - {own, ""})
    return found


def test_arrows_between_rooms_go_one_way():
    graph = arrows()
    assert {"notation", "proof", "book", "cli"} <= set(graph)
    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(f"rooms import each other: {' <- '.join(error.args[1])}")
    assert order[-1] == "cli"


def test_the_rooms_of_mathematics_know_no_output():
    graph = arrows()
    for inner in ("notation", "programs", "ops", "proof", "evaluate"):
        assert not graph[inner] & {"writers", "derivation", "book", "cli", "compile"}, inner
    assert graph["functions"] == set()


@pytest.mark.parametrize("path", sorted((ROOT / "derivations").glob("*.py")), ids=lambda path: path.stem)
def test_derivations_import_public_names_only(path):
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom):
            assert node.module == "symformer"
            assert {alias.name for alias in node.names} <= set(symformer.__all__)
        assert not isinstance(node, ast.Import)


def test_every_public_name_is_there():
    for name in symformer.__all__:
        assert getattr(symformer, name) is not None
    assert set(symformer.__all__) <= set(dir(symformer))
    with pytest.raises(AttributeError, match="frobnicate"):
        _ = symformer.frobnicate


def test_generated_functions_are_fresh():
    folder = PACKAGE / "functions"
    fresh = function_modules()
    by_hand = {f"{name}.py" for name in HELPERS}
    assert {path.name for path in folder.glob("*.py")} - by_hand == set(fresh)
    assert [name for name, text in fresh.items() if (folder / name).read_text(encoding="utf-8") != text] == []


def catches_everything(handler):
    """Whether an except clause catches Exception or more."""
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or getattr(kind, "id", "") in ("Exception", "BaseException") for kind in kinds)


@pytest.mark.parametrize("path", WRITTEN, ids=name_of)
def test_only_who_runs_a_strangers_page_catches_everything(path):
    """A stranger's file may raise anything, when it is loaded or judged; nobody else may swallow what went wrong."""
    broad = [node for node in ast.walk(tree(path)) if isinstance(node, ast.ExceptHandler) and catches_everything(node)]
    strangers = ("derivation/loader.py", "book/chapters.py", "arrays/door.py")
    meets_strangers = name_of(path) in strangers
    assert len(broad) == meets_strangers, [node.lineno for node in broad]


@pytest.mark.parametrize("path", WRITTEN, ids=name_of)
def test_every_module_and_public_function_says_what_it_is(path):
    module = tree(path)
    assert ast.get_docstring(module)
    for node in module.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
            assert ast.get_docstring(node), node.name


def test_no_file_runs_values_as_code():
    """`eval` and `exec` run nothing but the functions that we wrote ourselves."""
    calls = [
        name_of(path)
        for path in FILES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("eval", "exec", "__import__")
    ]
    assert calls == ["compile/modules.py"]


@pytest.mark.parametrize(
    "command",
    [
        ("ruff", "check", "."),
        ("ruff", "format", "--check", "symformer", "derivations", "tests", "build_docs.py"),
        ("mypy",),
    ],
    ids=["ruff check", "ruff format", "mypy"],
)
def test_linters_are_content(command):
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-1500:] + done.stderr[-500:]


def test_the_tests_of_a_newcomer_need_no_pytorch():
    """It is a witness of its own tests, of benchmarks and of what scripts record."""
    folders = ("pytorch", "runtimes", "benchmarks", "fixtures")
    for path in (ROOT / "tests").rglob("*.py"):
        if path.relative_to(ROOT / "tests").parts[0] not in folders:
            found = [name for node in ast.walk(tree(path)) for name in modules_of(node)]
            assert not {"torch", "pytorch"} & {name.partition(".")[0] for name in found}, path


def modules_of(node):
    """The modules that an import statement names."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []
