"""Rocq on exported pages: a file compiled, and the lemmas of a file that it accepts where others fail."""

import re
import shutil
import subprocess

import pytest
from plain_points import compare

from symformer.certify import exported_with, write
from symformer.derivation import Claim
from symformer.proof.normal import conditions_of
from symformer.proof.normal.equal import Proof

needs_rocq = pytest.mark.skipif(
    shutil.which("coqc") is None, reason="needs Rocq: apt install coq libcoq-mathcomp-algebra-tactics"
)


def compiled(folder, name, limit=600):
    """(what coqc prints, whether it accepts the file)."""
    done = subprocess.run(
        ["coqc", "-w", "none", name], cwd=folder, capture_output=True, text=True, check=False, timeout=limit
    )
    return done.stdout, done.returncode == 0


def compiled_rules(folder):
    """The folder, with the compiled rules in it."""
    write([], folder)
    assert compiled(folder, "rules.v")[1]
    return folder


def accepted(folder, source, lemmas, limit=20):
    """The lemmas of a page that Rocq accepts, each tactic within so many seconds; what fails is passed over."""
    text = re.sub(r"(?m)^(Lemma (?:.|\n)*? Qed\.)$", r"\1\nAbort.", source)
    asked = "\n".join(f"Locate {name}." for name in lemmas)
    done = subprocess.run(
        ["coqtop", "-q", "-w", "none"], cwd=folder, capture_output=True, text=True, check=False,
        input=f"Set Default Timeout {limit}.\n{text}\n{asked}\n",
    )  # fmt: skip
    return {name for name in lemmas if re.search(rf"Constant (?:\w+\.)*{name}\b", done.stdout)}


def with_scripts(slug, mutants):
    """A page of claims that are taken for proved: each gets a proof script of its own."""
    jobs = []
    for number, mutant in enumerate(mutants):
        spans = {str(index): span.size for index, span in mutant.ranges.items()}
        proof = Proof({}, conditions_of((mutant.before, mutant.formula), spans))
        claim = Claim(f"{slug} ({number})", None, mutant.before, "=", mutant.formula, mutant.ranges, ())
        jobs.append((claim, proof))
    return exported_with(slug, jobs)


def differs(mutant):
    """Whether a changed line is false at some point."""
    spans = {index: span.size for index, span in mutant.ranges.items()}
    return compare(mutant.before, mutant.formula, spans)[1]
