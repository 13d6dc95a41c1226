"""Equations for Rocq: what is stated, that proofs are accepted, and that false lines are not."""

import pytest
from mutants import mutants_of
from rocq_runs import accepted, compiled, compiled_rules, differs, needs_rocq, with_scripts

import symformer as sf
from symformer.certify import exported, statements, write
from symformer.cli.main import main


@pytest.fixture(scope="module")
def rules(tmp_path_factory):
    """A folder with the compiled rules."""
    return compiled_rules(tmp_path_factory.mktemp("rocq"))


def test_a_statement_names_what_the_page_defines():
    said = statements([exported(sf.load("softmax-jacobian"))])
    assert "Variable x : nat -> F." in said
    assert "Definition Z : F := (\\sum_(k < n) (u k))." in said
    assert "forall (i : 'I_n) (j : 'I_n), (((i == j :> nat)%:R * (s i)) + (- ((s i) * (s j))))" in said


@needs_rocq
@pytest.mark.parametrize("slug", ["softmax-jacobian", "softmax-and-sigmoid"])
def test_rocq_accepts_a_page_without_axioms(rules, slug):
    page = exported(sf.load(slug))
    write([page], rules)
    said, fine = compiled(rules, f"{slug.replace('-', '_')}.v")
    assert fine
    assert all(line.lemma for line in page.lines)
    assert said.splitlines()[-1] == "Closed under the global context"


@needs_rocq
def test_rocq_accepts_no_false_line(rules):
    mutants = [one for one in mutants_of(sf.load("softmax-jacobian")) if one.relation == "="]
    false = [one for one in mutants[::9] if differs(one)][:6]
    page = with_scripts("softmax-jacobian", false)
    lemmas = [line.lemma for line in page.lines if line.lemma]
    assert len(lemmas) >= 4
    assert not accepted(rules, page.source, lemmas)


def test_the_command_counts_and_says_what_is_outside(tmp_path, capsys):
    assert main(["certify", "softmax-jacobian", "--to", "rocq", "-o", str(tmp_path)]) == 0
    assert "4 of 4 equations" in capsys.readouterr().out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["rules.v", "softmax_jacobian.v"]
    assert main(["certify", "softmax-jacobian"]) == 2
