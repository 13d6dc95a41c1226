"""What came last: files for Rocq beside a user's own, hostile names in them, options that a page cannot honour."""

from __future__ import annotations

import io
import zipfile
from xml.dom.minidom import parseString

import pytest

from attacks.conftest import json_file
from symformer.certify.names import free
from symformer.cli import main
from symformer.derivation.loader import load_file
from symformer.writers.docx import docx

PAGE = '''"""A </w:t> \\x00\\x0b\\ufffe\\uffff page.

An idea.
"""

from symformer import Derivation, indices, sizes, tensor

x = tensor("Variable", sizes("nat"))
i = indices("i")
derivation = Derivation(__doc__, given=(x,), calc=((x[i] + x[i], "twice"), (2 * x[i], "collected")))
'''


def test_a_file_of_ones_own_is_certified_beside_what_is_there(tmp_path, capsys):
    page, out = json_file(tmp_path / '9 a*) "b".py', PAGE), tmp_path / "out"
    for _ in range(2):  # its own files are written anew
        assert main(["certify", str(page), str(page), "-o", str(out)]) == 0
    assert "1 of 1 equations" in capsys.readouterr().out  # named twice, it counts once
    assert sorted(path.name for path in out.iterdir()) == ["rules.v", "v9_a_b.v"]
    assert "Variable Variable_ : nat -> F." in (out / "v9_a_b.v").read_text()


@pytest.mark.parametrize("name", ["rules.v", "v9_a_b.v"])
def test_files_for_rocq_never_replace_a_users(tmp_path, refused, name):
    page, out = json_file(tmp_path / '9 a*) "b".py', PAGE), tmp_path / "out"
    out.mkdir()
    (out / name).write_text("Mine.\n")
    assert f"{name}: exists and was not made by certify" in refused("certify", page, "-o", out)
    assert [(path.name, path.read_text()) for path in out.iterdir()] == [(name, "Mine.\n")]


@pytest.mark.parametrize(
    "name", ["Variable", "Hypotheses", "Axiom", "nat", "forall", "9", "*)", '"', "é", "alg1", "x'"]
)
def test_a_hostile_name_is_an_identifier_of_rocq(name):
    found = free(name, ())
    assert found.isascii() and found.replace("'", "_").isidentifier() and (found != name or name == "x'")


def test_a_file_for_word_holds_what_xml_can(tmp_path):
    made = docx(load_file(json_file(tmp_path / "page.py", PAGE), "page", {}).page())
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        for name in archive.namelist():
            parseString(archive.read(name))


IGNORED = [
    (("export", "softmax", "--to", "pseudocode", "--shard"), "--shard is for --to jax"),
    (("export", "softmax", "--to", "jax", "--shard", "--wrt", "x"), "--wrt"),
]


@pytest.mark.parametrize(("arguments", "words"), IGNORED)
def test_what_is_asked_for_is_done_or_refused(refused, arguments, words):
    assert words in refused(*arguments)
