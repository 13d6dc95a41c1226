"""Books under attack: one bad page never ends a book, and a build writes over nothing that no build made."""

from __future__ import annotations

import json
import os

import pytest

from attacks.conftest import json_file
from symformer.book import BuildError, build
from symformer.book.cache import cache_folder, keep, recall
from symformer.cli import main

GOOD = '''"""A page.

An idea.
"""

from symformer import Derivation, indices, sizes, tensor

x = tensor("x", sizes("n"))
i = indices("i")
derivation = Derivation(__doc__, given=(x,), calc=((x[i] + x[i], "twice"), (2 * x[i], "collected")), example={"x": [1]})
'''

BAD = {
    "raises": ("raise ValueError('no')", "ValueError: no"),
    "exits": ("raise SystemExit(0)", "SystemExit"),
    "interrupts": ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    "raises_what_nobody_catches": ("class Odd(BaseException): ...\nraise Odd('odd')", "Odd: odd"),
    "raises_what_is_mute": ("class Mute(Exception):\n    def __str__(self):\n        raise self\nraise Mute", "Mute"),
    "leaves": ("import os\nos._exit(0)", "ended its process: exit 0"),
    "crashes": ("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)", "ended its process by SIGSEGV"),
    "closes_all": ("import os\nos.closerange(3, 256)", "ended its process"),
    "hangs": ("import time\nwhile True:\n    time.sleep(1)", "took longer than 20 s"),
    "starts_another_and_hangs": ("import subprocess\nsubprocess.run(['sleep', '600'])", "took longer than 20 s"),
    "is_latin": (b"# -*- coding: utf-8 -*-\n'''\xe9t\xe9'''\n", "is_latin.py"),
    "has_zeros": (b"\0\0\0", "has_zeros.py"),
    "recurses": ("def f():\n    return f()\nf()", "RecursionError"),
    "clears_the_screen": ("raise ValueError('\\x1b[2J\\n\\u202e')", "\\x1b[2J\\n\\u202e"),
    "is_a_folder": (None, "is_a_folder.py"),
    "index": (GOOD, "no page can be called index"),
    "README": (GOOD, "no page can be called README"),
}  # fmt: skip


def folder_of(path, **files):
    """A folder of derivations: texts, bytes, or folders."""
    path.mkdir(exist_ok=True)
    for name, content in files.items():
        if content is None:
            (path / f"{name}.py").mkdir()
        else:
            json_file(path / f"{name}.py", content)
    return path


def test_one_bad_page_never_ends_a_book(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder_of(tmp_path / "book", good=GOOD, zebra=GOOD, **{name: content for name, (content, _) in BAD.items()})
    status = main(["build", "book", "-o", "out", "--no-pdf", "--limit", "20"])
    out, err = capsys.readouterr()
    assert status == 1 and out.startswith("2 pages in out")
    assert all(line.isprintable() for line in err.splitlines())
    for name, (_, words) in BAD.items():
        assert any(f"{name}.py" in line and words in line for line in err.splitlines()), (name, err)
    assert {path.name for path in (tmp_path / "out").glob("*.md")} == {"README.md", "good.md", "zebra.md"}
    assert {path.name for path in (tmp_path / "out" / "html").iterdir()} == {"index.html", "good.html", "zebra.html"}


def files_of(folder):
    """Every file of a folder, with what is in it."""
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("name", ["README.md", "good.md", "html/index.html", "html/good.html", "tex/symformer.tex"])
def test_a_file_that_no_build_made_is_never_written_over(tmp_path, name):
    folder, out = folder_of(tmp_path / "book", good=GOOD), tmp_path / "out"
    path = out / name
    path.parent.mkdir(parents=True)
    path.write_text("# Mine\n\nmade by symformer build\n")
    before = files_of(out)
    with pytest.raises(BuildError, match=f"{path.name}: exists and was not made by a build; nothing was written"):
        build(folder, out, pdf=False)
    assert files_of(out) == before
    assert main(["build", str(folder), "-o", str(out), "--no-pdf"]) == 2
    path.unlink()
    build(folder, out, pdf=False)
    made = files_of(out)
    folder_of(folder, good=GOOD.replace("An idea", "Another idea"))
    assert build(folder, out, pdf=False).written
    assert set(files_of(out)) == set(made)


def test_what_a_link_leads_to_is_not_written(tmp_path):
    folder, out = folder_of(tmp_path / "book", good=GOOD), tmp_path / "out"
    build(folder, out, pdf=False)
    victim = tmp_path / "victim.md"
    victim.write_bytes((out / "good.md").read_bytes())
    (out / "good.md").unlink()
    (out / "good.md").symlink_to(victim)
    before = victim.read_bytes()
    folder_of(folder, good=GOOD.replace("An idea", "Another idea"))
    build(folder, out, pdf=False)
    assert victim.read_bytes() == before and not (out / "good.md").is_symlink()


# The cache. -----------------------------------------------------------------------------------------------------------

DAMAGES = [
    b"", b"{", b"null", b"[]", b"{}", b'{"lines": 1}', b"\xff\xfe", b"[" * 100000, b'{"markdown": "<script>"}',
    b"0" * 32 + b"\n{}", b'{"lines": [], "verdict": "proved", "markdown": "", "tex": "", "html": "", "live": ""}',
]  # fmt: skip


def test_a_damaged_cache_counts_as_none(tmp_path, monkeypatch):
    monkeypatch.setenv("SYMFORMER_CACHE", str(tmp_path / "cache"))
    folder = folder_of(tmp_path / "book", good=GOOD)
    build(folder, tmp_path / "one", pdf=False)
    kept = list(cache_folder().iterdir())
    assert len(kept) == 2
    for number, damage in enumerate(DAMAGES):
        for path in kept:
            path.write_bytes(damage)
        report = build(folder, tmp_path / str(number), pdf=False)
        assert (report.pages, report.problems) == (1, [])
        assert (tmp_path / str(number) / "good.md").read_bytes() == (tmp_path / "one" / "good.md").read_bytes()


def test_every_flipped_bit_of_a_kept_result_is_seen(tmp_path, monkeypatch):
    monkeypatch.setenv("SYMFORMER_CACHE", str(tmp_path))
    keep("key", {"lines": [1.5, "é"]})
    assert recall("key") == {"lines": [1.5, "é"]}
    whole = (tmp_path / "key.json").read_bytes()
    for place in range(len(whole)):
        (tmp_path / "key.json").write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert recall("key") is None
    for other in ("folder", "pipe"):
        (tmp_path / "key.json").unlink(missing_ok=True)
        (tmp_path / "key.json").mkdir() if other == "folder" else os.mkfifo(tmp_path / "key.json")
        assert recall("key") is None
        (tmp_path / "key.json").rmdir() if other == "folder" else None
    assert json.loads(whole.partition(b"\n")[2])


@pytest.mark.parametrize("home", ["/dev/null", "", "/nowhere/at/all"])
def test_without_a_home_nothing_is_kept(monkeypatch, home):
    for name in ("SYMFORMER_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", home)
    monkeypatch.setattr("pwd.getpwuid", lambda uid: (_ for _ in ()).throw(KeyError(uid)))
    keep("key", {})
    assert recall("key") is None
