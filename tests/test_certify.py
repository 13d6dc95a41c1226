"""Equations for Rocq: what is stated, that proofs are accepted, and that false lines are not."""

import shutil
import subprocess

import pytest

import symformer as sf
from symformer.certify import exported, statements, write
from symformer.cli.main import main

needs_rocq = pytest.mark.skipif(
    shutil.which("coqc") is None, reason="needs Rocq: apt install coq libcoq-mathcomp-algebra-tactics"
)
SMALL = ("softmax-jacobian", "softmax-backward")


def compiled(folder, name):
    """What coqc says of a file, errors included, and whether it accepts it."""
    done = subprocess.run(["coqc", "-w", "none", name], cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout, done.returncode == 0


@pytest.fixture(scope="module")
def rules(tmp_path_factory):
    """A folder with the compiled rules."""
    folder = tmp_path_factory.mktemp("rocq")
    write([], folder)
    assert compiled(folder, "rules.v")[1]
    return folder


def test_a_statement_names_what_the_page_defines():
    said = statements([exported(sf.load("softmax-jacobian"))])
    assert "Variable x : nat -> F." in said
    assert "Definition Z : F := (\\sum_(k < n) (u k))." in said
    assert "forall (i : 'I_n) (j : 'I_n), (((i == j :> nat)%:R * (s i)) + (- ((s i) * (s j))))" in said


@needs_rocq
@pytest.mark.parametrize("slug", SMALL)
def test_rocq_accepts_a_page_without_axioms(rules, slug):
    page = exported(sf.load(slug))
    write([page], rules)
    said, accepted = compiled(rules, f"{slug.replace('-', '_')}.v")
    assert accepted
    assert said.splitlines()[-1] == "Closed under the global context"


def test_the_command_counts_and_says_what_is_outside(tmp_path, capsys):
    assert main(["certify", "softmax-jacobian", "--to", "rocq", "-o", str(tmp_path)]) == 0
    assert "4 of 4 equations" in capsys.readouterr().out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["rules.v", "softmax_jacobian.v"]
    assert main(["certify", "softmax-jacobian"]) == 2
