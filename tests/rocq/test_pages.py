"""Pages of the book through Rocq's kernel: each file compiles, and no line of it assumes anything.

`tests/data/rocq_pages.txt` lists the pages and the seconds that they take; `tests/benchmarks/certify.py` writes it.
"""

from pathlib import Path

import pytest
from rocq_runs import compiled, compiled_rules

import symformer as sf
from symformer.certify import exported, statements, write

DATA = Path(__file__).parents[1] / "data"
PAGES = [line.split()[0] for line in (DATA / "rocq_pages.txt").read_text().splitlines()]


@pytest.fixture(scope="module")
def rules(tmp_path_factory):
    """A folder with the compiled rules."""
    return compiled_rules(tmp_path_factory.mktemp("rocq"))


@pytest.mark.parametrize("slug", PAGES)
def test_rocq_accepts_every_line_of_a_page(rules, slug):
    page = exported(sf.load(slug))
    write([page], rules)
    said, fine = compiled(rules, f"{slug.replace('-', '_')}.v")
    assert fine
    assert said.splitlines()[-1] == "Closed under the global context"


def test_what_is_stated_is_what_is_committed():
    """A change of a statement, or of how it is printed, shows in review."""
    found = statements([exported(sf.load(slug)) for slug in PAGES])
    assert found == (DATA / "statements.v").read_text(), "python tests/benchmarks/certify.py statements"
