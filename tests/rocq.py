"""Rocq on exported pages: a file compiled, and the lemmas of a file that it accepts where others fail."""

import re
import shutil
import subprocess

import pytest

needs_rocq = pytest.mark.skipif(
    shutil.which("coqc") is None, reason="needs Rocq: apt install coq libcoq-mathcomp-algebra-tactics"
)


def compiled(folder, name, limit=600):
    """(what coqc prints, whether it accepts the file)."""
    done = subprocess.run(
        ["coqc", "-w", "none", name], cwd=folder, capture_output=True, text=True, check=False, timeout=limit
    )
    return done.stdout, done.returncode == 0


def accepted(folder, source, lemmas, limit=20):
    """The lemmas of a page that Rocq accepts, each tactic within so many seconds; what fails is passed over."""
    text = re.sub(r"(?m)^(Lemma (?:.|\n)*? Qed\.)$", r"\1\nAbort.", source)
    asked = "\n".join(f"Locate {name}." for name in lemmas)
    done = subprocess.run(
        ["coqtop", "-q", "-w", "none"], cwd=folder, capture_output=True, text=True, check=False,
        input=f"Set Default Timeout {limit}.\n{text}\n{asked}\n",
    )  # fmt: skip
    return {name for name in lemmas if re.search(rf"Constant (?:\w+\.)*{name}\b", done.stdout)}
