"""The command line: what it prints, how it ends, and what it leaves alone."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import nbformat
import numpy as np
import pytest
from markdown_it import MarkdownIt
from nbclient import NotebookClient

import symformer as sf
from symformer import functions
from symformer.cli import main

OPS = [name for name in functions.__all__ if not name.endswith("_vjp")]


def run(capsys, *arguments):
    """Exit status, standard output and standard error of a command."""
    status = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def python(*arguments, cwd=None, **environment):
    """A Python process of its own."""
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )


# What commands print. -------------------------------------------------------------------------------------------------


def test_list_is_the_contents(capsys, book):
    status, out, _ = run(capsys, "list", "--json")
    rows = json.loads(out)
    assert status == 0
    assert [(row["slug"], row["title"]) for row in rows] == [(row.slug, row.title) for row in sf.contents()]
    assert {row["slug"]: row["verdict"] for row in rows} == {slug: result.verdict for slug, result in book.items()}
    assert [line.split("\t")[0] for line in run(capsys, "list")[1].splitlines()] == [row["slug"] for row in rows]


def test_check_has_the_shape_of_the_contract(capsys, book):
    status, out, err = run(capsys, "check", "--json")
    found = json.loads(out)
    assert (status, err) == (0, "")
    assert list(found) == [row.slug for row in sf.contents()]
    for slug, entry in found.items():
        assert list(entry) == ["lines"]
        judged = [line for line in sf.load(slug).lines if not line.opens]
        assert [line["relation"] for line in entry["lines"]] == [line.relation for line in judged]
        for line in entry["lines"]:
            told = {"reason", "relation", "verdict", "expected", "seconds", "by", "conditions", "evidence"}
            assert set(line) == told
            assert line["verdict"] in ("proved", "exact", "checked", "refuted", "open")
            assert line["seconds"] >= 0


def test_a_reason_in_json_keeps_its_formulas(capsys):
    _, out, _ = run(capsys, "check", "softmax-jacobian", "--json")
    reasons = [line["reason"] for line in json.loads(out)["softmax-jacobian"]["lines"]]
    assert reasons[-1] == "factor out s_i"
    assert "u_j" in reasons[1]


def test_check_fails_where_a_line_is_refuted_or_open(capsys, tmp_path):
    """The status of a check is that of the build of a folder with such a line."""
    source = "import symformer as sf\nx = sf.scalar('x')\nderivation = sf.Derivation('T', calc=((x, 'a'), ({}, 'b')))\n"
    for line in ("2 * x", "x * (x - x) / (x - x)"):
        (tmp_path / "t.py").write_text(source.format(line))
        status, _, err = run(capsys, "build", tmp_path, "-o", tmp_path / "out", "--no-pdf")
        assert status == 1
        assert len(err.splitlines()) == 1


@pytest.mark.parametrize("form", ["text", "latex", "markdown"])
@pytest.mark.parametrize("level", [None, "matrix", "index", "number"])
def test_show_in_every_format_and_level(capsys, form, level):
    chosen = [] if level is None else ["--level", level]
    status, out, err = run(capsys, "show", "attention-in-three-notations", "--format", form, "--linear", *chosen)
    assert (status, err) == (0, "")
    numbers, indices = ("≈", "Σ_c") if form == "text" else (r"\approx", r"\sum_{c}")
    everything = None if form != "latex" else "index"  # a fragment for a paper has no numbers unless they are asked for
    assert (numbers in out) == ((level or everything) in (None, "number"))
    assert (indices in out) == (level in (None, "index"))


def test_show_writes_a_file_and_nothing_else(capsys, tmp_path):
    status, out, _ = run(capsys, "show", "softmax-jacobian", "--format", "markdown", "-o", tmp_path / "page.md")
    assert (status, out) == (0, "")
    page = (tmp_path / "page.md").read_text(encoding="utf-8")
    assert page == sf.load("softmax-jacobian").markdown()
    assert MarkdownIt().parse(page)[1].content == "Jacobian of the softmax"


GIVEN = {
    "attention": {"q": [[1, 0], [0, 1]], "k": [[1, 1], [0, 1]], "v": [[1, 2], [3, 4]]},
    "cross_entropy": {"logits": [[1, 2, 3], [0, 1, 0]], "targets": [[0, 0, 1], [0.5, 0.5, 0]]},
    "kl_divergence": {"p_logits": [1, 2, 3], "q_logits": [3, 2, 1]},
    "layer_norm": {"x": [[1, 2, 4]]},
    "linear": {"x": [[1, 2]], "weight": [[1, 0, 2], [3, 4, 5]]},
    **{name: {"x": [[-1, 2, 3]]} for name in (
        "gelu", "log_softmax", "logsumexp", "relu", "rms_norm", "sigmoid", "silu", "softmax", "softplus", "tanh")},
}  # fmt: skip


@pytest.mark.parametrize("name", OPS)
def test_eval_of_any_op_prints_numbers_or_says_why_not(capsys, name):
    status, out, err = run(capsys, "eval", name)
    assert (status, bool(out), len(err.splitlines())) in ((0, True, 0), (2, False, 1))


@pytest.mark.parametrize("name", GIVEN)
def test_eval_of_an_op_is_the_function(capsys, tmp_path, name):
    """The last intermediate of every op at its example is what the NumPy function returns."""
    given = GIVEN[name]
    (tmp_path / "v.json").write_text(json.dumps(given))
    status, out, err = run(capsys, "eval", name, "--at", tmp_path / "v.json", "--json")
    assert status == 0, err
    got = list(json.loads(out).values())[-1]
    options = {"reduction": "none"} if name == "cross_entropy" else {}
    want = getattr(functions, name)(*(np.array(value, float) for value in given.values()), **options)
    np.testing.assert_allclose(got, want, rtol=1e-12)


def test_eval_of_a_derivation_names_every_intermediate(capsys):
    _, out, _ = run(capsys, "eval", "softmax-jacobian", "--json")
    found = json.loads(out)
    assert list(found) == ["u", "Z", "s"]
    np.testing.assert_allclose(found["u"], np.exp([1, 2, 3]))
    np.testing.assert_allclose(found["s"], np.exp([1, 2, 3]) / np.exp([1, 2, 3]).sum())


def test_eval_prints_one_line_a_name(capsys):
    _, out, _ = run(capsys, "eval", "softmax-jacobian")
    assert [line.split(" = ")[0] for line in out.splitlines()] == ["u", "Z", "s"]
    assert out.splitlines()[1] == "Z = 30.1929"


# Exercises, notebooks, a derivation of one's own. ---------------------------------------------------------------------


@pytest.mark.parametrize("form", ["text", "markdown", "latex", "html"])
def test_an_exercise_has_boxes_and_their_answers(capsys, form):
    arguments = ("show", "attention-in-three-notations", "--level", "number", "--format", form, "--blank", 0.3)
    status, out, _ = run(capsys, *arguments, "--seed", 1)
    assert status == 0
    assert out == run(capsys, *arguments, "--seed", 1)[1]
    assert out != run(capsys, *arguments, "--seed", 2)[1]
    box = r"\square_{{{}}}" if form in ("latex", "markdown") else "<mn>{}</mn></msub>" if form == "html" else "□{}"
    names = [str(number).translate(SUBSCRIPTS) if form == "text" else number for number in range(1, 6)]
    assert "Answers" not in out
    body, answers = run(capsys, *arguments, "--seed", 1, "--answers")[1].rsplit("Answers", 1)
    assert out.startswith(body[: body.index(box.format(names[0]))])
    for name in names:
        assert box.format(name) in body
        assert box.format(name) in answers
    assert box.format("6" if form != "text" else "₆") not in answers


SUBSCRIPTS = str.maketrans("123456", "₁₂₃₄₅₆")


def test_an_answer_stands_nowhere_in_the_exercise(capsys):
    """16 entries are worked out; with all of them left out, none of their digits is on the page before the answers."""
    _, out, _ = run(
        capsys, "show", "attention-in-three-notations", "--level", "number", "--blank", 1, "--answers", "--linear"
    )
    body, answers = out.rsplit("Answers", 1)
    digits = re.findall(r"≈ (\d\.\d{4})", answers)
    assert len(digits) > 6
    steps = body[: body.index("Line (1)")]
    assert [number for number in digits if number in steps] == []


@pytest.mark.parametrize("share", ["-0.1", "1.5", "x"])
def test_a_share_that_is_none_is_refused(capsys, share):
    status, out, err = run(capsys, "show", "softmax-jacobian", f"--blank={share}")
    assert (status, out) == (2, "")
    assert "blank" in err


@pytest.mark.parametrize("slug", ["softmax-jacobian", "temperature", "why-root-d"])
def test_a_notebook_executes_clean_and_keeps_its_prose(capsys, tmp_path, slug):
    status, _, err = run(capsys, "show", slug, "--format", "ipynb", "-o", tmp_path / "page.ipynb")
    assert status == 0, err
    book = nbformat.read(tmp_path / "page.ipynb", 4)
    prose = "\n".join(cell.source for cell in book.cells if cell.cell_type == "markdown")
    assert prose.startswith(f"# {sf.load(slug).title}")
    assert prose.count("$$") % 2 == 0
    assert all(f"**({line})**" in prose for line in range(1, len(sf.load(slug).lines) + 1))
    NotebookClient(book, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for cell in book.cells if cell.cell_type == "code" for output in cell.outputs]
    assert all(output.output_type != "error" for output in outputs)
    assert "proved" in outputs[0].text


def test_a_notebook_takes_the_readers_values(capsys, tmp_path):
    (tmp_path / "v.json").write_text('{"x": [0.50, "1/3"]}')
    _, out, _ = run(capsys, "show", "softmax-jacobian", "--format", "ipynb", "--at", tmp_path / "v.json")
    assert any("'x': [0.50, \"1/3\"]" in cell.source for cell in nbformat.reads(out, 4).cells)


def test_a_new_derivation_builds_at_the_first_try(capsys, tmp_path):
    path = tmp_path / "notes" / "softmax_entropy.py"
    assert run(capsys, "new", path)[0] == 0
    assert run(capsys, "check", path)[0] == 0
    status, _, err = run(capsys, "build", path.parent, "-o", tmp_path / "site", "--no-pdf")
    assert (status, err) == (0, "")
    assert (tmp_path / "site" / "html" / "softmax-entropy.html").exists()
    assert "Softmax entropy" in run(capsys, "show", path)[1]


@pytest.mark.parametrize("name", ["contents.py", "notes.txt", "a-b.py", "class.py", "_x.py"])
def test_a_new_derivation_needs_a_name_of_its_own(capsys, tmp_path, name):
    status, _, err = run(capsys, "new", tmp_path / name)
    assert status == 2
    assert name.split(".")[0] in err
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_taken_is_left_alone(capsys, tmp_path):
    (tmp_path / "mine.py").write_text("as it was")
    status, _, err = run(capsys, "new", tmp_path / "mine.py")
    assert status == 2
    assert "exists already" in err
    assert (tmp_path / "mine.py").read_text() == "as it was"


def test_a_folder_with_broken_files_is_built_as_far_as_it_goes(capsys, tmp_path):
    """Each culprit is named with its line, the rest is built."""
    run(capsys, "new", tmp_path / "good.py")
    good = (tmp_path / "good.py").read_text()
    (tmp_path / "broken.py").write_text("x = (\n")
    (tmp_path / "wrong.py").write_text(good.replace('(1, "the sum', '(2, "the sum'))
    (tmp_path / "shape.py").write_text(good.replace('(1, "the sum', '(x[i, i], "the sum'))
    (tmp_path / "no_pair.py").write_text(good.replace('(1, "the sum is Z")', "1"))
    (tmp_path / "Good.py").write_text(good)
    (tmp_path / "good_.py").write_text(good)
    status, _, err = run(capsys, "build", tmp_path, "-o", tmp_path / "out", "--no-pdf")
    assert status == 1
    line = next(number for number, text in enumerate(good.splitlines(), start=1) if '(1, "the sum' in text)
    for culprit in ("broken.py:1", f"wrong.py:{line}", f"shape.py:{line}", f"no_pair.py:{line}", "good_.py: its page"):
        assert culprit in err, culprit
    assert {path.name for path in (tmp_path / "out").glob("*.md")} == {"README.md", "Good.md", "good.md", "wrong.md"}


@pytest.mark.parametrize(
    "words", [["s"], ["show", "softmax-j"], ["show", "x", "--format", "mark"], ["completion", "z"]]
)
def test_bash_completes_commands_options_and_names(capsys, words):
    script = run(capsys, "completion", "bash")[1]
    quoted = " ".join(f"'{word}'" for word in ["symformer", *words])
    ask = f"COMP_WORDS=({quoted}); COMP_CWORD={len(words)}; _symformer; echo ${{COMPREPLY[@]}}"
    done = subprocess.run(["bash", "-c", f"{script}\n{ask}"], capture_output=True, text=True, check=True)
    want = {"s": "show", "softmax-j": "softmax-jacobian", "mark": "markdown", "z": "zsh"}[words[-1]]
    assert want in done.stdout.split()


def test_zsh_gets_the_same_words(capsys):
    bash, zsh = run(capsys, "completion", "bash")[1], run(capsys, "completion", "zsh")[1]
    words = re.findall(r'choices="([^"]+)"', bash)
    assert words
    assert all(f"choices=({found})" in zsh for found in words)


# Exported modules. ----------------------------------------------------------------------------------------------------

CALLS = {
    "softmax": (([[1.0, 2.0]],), "softmax"),
    "attention": (([[1.0, 0.5]], [[1.0, 2.0], [0.0, 1.0]], [[1.0], [2.0]]), "attention"),
    "cross_entropy": (([[1.0, 2.0]], [1]), "cross_entropy"),
    "softmax-jacobian": (([1.0, 2.0, 4.0],), "softmax_jacobian"),
}


@pytest.mark.parametrize("name", CALLS)
def test_an_exported_module_needs_numpy_alone(capsys, tmp_path, name):
    inputs, called = CALLS[name]
    assert run(capsys, "export", name, "-o", tmp_path / "exported.py")[0] == 0
    code = (
        "import sys, json, numpy, exported\n"
        f"out = exported.{called}(*map(numpy.array, {inputs!r}))\n"
        "assert not {'symformer', 'sympy'} & set(sys.modules)\n"
        "print(json.dumps(numpy.asarray(out).tolist()))"
    )
    done = python("-c", code, cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert done.returncode == 0, done.stderr
    own = getattr(functions, called, None) or sf.load(name).lambdify()
    assert json.loads(done.stdout) == np.asarray(own(*map(np.array, inputs))).tolist()


@pytest.mark.parametrize("name", [*OPS, *(row.slug for row in sf.contents())])
def test_whatever_can_be_exported_compiles(capsys, name):
    status, out, err = run(capsys, "export", name)
    if status == 2 and name not in OPS:
        assert re.search("has no array form|no chain computes|no program", err), err
        return
    assert status == 0, err
    assert "symformer" not in "".join(line for line in out.splitlines() if "import" in line)
    compile(out, name, "exec")


def test_functions_never_import_sympy():
    done = python("-c", "import symformer.functions, sys; assert 'sympy' not in sys.modules")
    assert done.returncode == 0, done.stderr


# In a notebook cell. --------------------------------------------------------------------------------------------------


def test_every_public_object_displays_itself():
    """As Jupyter asks: by a rich form that holds a formula or words of its own."""
    n, (i, j) = sf.sizes("n"), sf.indices("i j")
    x = sf.tensor("x", n)
    s = sf.softmax(x, name="s")
    derivation = sf.Derivation("T", given=(x,), calc=((sf.sum(s[i], i), "all"), (1, "shares sum to 1")))
    shown = {
        "input": x, "entry": x[i], "formula": s[i] * s[j], "tensor": s, "program": s.program, "derivation": derivation,
        "worked example": derivation.at(x=[1, 2]), "line": derivation.lines[0], "judged line": derivation.check()[0],
        "verdict": derivation.check()[0].verdict, "row of the contents": sf.contents()[0],
    }  # fmt: skip
    for name, item in shown.items():
        forms = [form for form in ("_repr_latex_", "_repr_markdown_", "_repr_mimebundle_") if hasattr(item, form)]
        assert forms, name
        for form in forms:
            bundle = getattr(item, form)()
            texts = bundle.values() if isinstance(bundle, dict) else [bundle]
            assert all(isinstance(text, str) and text for text in texts), name
            if form == "_repr_latex_":
                assert bundle.startswith("$") and bundle.endswith("$"), name


# Bad usage and bad input. ---------------------------------------------------------------------------------------------

BAD = {
    "unknown command": (["frob"], "frob"),
    "unknown option": (["list", "--frob"], "--frob"),
    "unknown slug": (["show", "softmax-jacobiam"], "softmax-jacobian"),
    "unknown slug to check": (["check", "softmax-jacobian", "nope"], "nope"),
    "unknown name to evaluate": (["eval", "nope"], "nope"),
    "unknown name to export": (["export", "nope"], "nope"),
    "unknown format": (["show", "softmax-jacobian", "--format", "gif"], "gif"),
    "unknown level": (["show", "softmax-jacobian", "--level", "word"], "word"),
    "decimals that are no number": (["show", "softmax-jacobian", "--decimals", "two"], "two"),
    "negative decimals": (["show", "softmax-jacobian", "--decimals", "-3"], "decimals"),
    "far too many decimals": (["show", "softmax-jacobian", "--decimals", "2000"], "decimals"),
    "no such folder": (["build", "/nowhere"], "/nowhere"),
    "no such values": (["show", "softmax-jacobian", "--at", "/nowhere.json"], "/nowhere.json"),
    "folder as values": (["show", "softmax-jacobian", "--at", "/"], "/"),
    "a command that is meant": (["shwo"], "did you mean show?"),
    "an option that is meant": (["show", "softmax-jacobian", "--fromat", "latex"], "did you mean --format?"),
    "a format that is meant": (["show", "softmax-jacobian", "--format", "mrkdown"], "did you mean markdown?"),
    "an op that is meant": (["eval", "sofmax"], "did you mean softmax?"),
    "a name where a path is meant": (["cost", "gpt2"], "expected the path of a config.json"),
    "a name where a folder is meant": (["trace", "gpt2", "--ids", "1"], "expected the path of a config.json"),
    "digits of another script": (["trace", "gpt2", "--ids", "\u0661"], "expected whole numbers"),
    "no such output folder": (["export", "softmax", "-o", "/nowhere/x.py"], "/nowhere/x.py"),
}


def test_no_command_prints_the_help_and_version_its_number(capsys):
    status, out, err = run(capsys)
    assert (status, err) == (0, "") and out.startswith("usage: symformer")
    assert run(capsys, "--version") == (0, f"symformer {sf.__version__}\n", "")
    assert run(capsys, "show", "--help")[0] == 0


@pytest.mark.parametrize("name", BAD)
def test_bad_usage_is_one_line_and_status_2(capsys, name):
    arguments, culprit = BAD[name]
    status, out, err = run(capsys, *arguments)
    assert (status, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert culprit in err


@pytest.mark.parametrize("text", ['{"x": [1, "two"]}', '{"y": [1]}', "{}", "[1]", "not json", '{"x": [1, NaN]}', ""])
@pytest.mark.parametrize("command", ["show", "eval"])
def test_bad_values_leave_the_output_alone(capsys, tmp_path, text, command):
    values, out = tmp_path / "bad.json", tmp_path / "out.txt"
    values.write_text(text)
    out.write_text("as it was")
    target = ["-o", out] if command == "show" else []
    status, printed, err = run(capsys, command, "softmax-jacobian", "--at", values, *target)
    assert (status, printed) == (2, "")
    assert len(err.splitlines()) == 1
    assert str(values) in err
    assert out.read_text() == "as it was"


def test_zero_decimals_are_a_rounding_too(capsys):
    status, out, _ = run(capsys, "show", "softmax-jacobian", "--decimals", 0, "--linear")
    assert status == 0
    assert "Z = Σ_k u_k\n  = 3 + 7 + 20\n  ≈ 30\n" in out


# As a process. --------------------------------------------------------------------------------------------------------


def test_as_a_module(tmp_path):
    done = python("-m", "symformer", "show", "softmax-jacobian", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith("Jacobian of the softmax\n")
    assert done.stderr == ""


def test_bad_input_of_a_process_has_no_traceback(tmp_path):
    done = python("-m", "symformer", "show", "softmax-jacobian", "--at", "missing.npz", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("symformer: missing.npz")
    assert "Traceback" not in done.stderr


def test_a_reader_who_stops_reading_is_no_error(tmp_path):
    """`symformer show ... | head -1` ends quietly."""
    command = f"{sys.executable} -m symformer show random-transformer | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.startswith("The Random Transformer")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_without_unicode_gets_the_page_all_the_same(encoding):
    done = python("-m", "symformer", "show", "softmax-jacobian", PYTHONIOENCODING=encoding)
    assert done.returncode == 0, done.stderr[-300:]
