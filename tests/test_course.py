"""The course: every page that it lists is in the book, with what it builds on; each problem has one wrong line."""

import re
from pathlib import Path

import pytest

import symformer as sf
from symformer.derivation import load_file

COURSE = Path(__file__).resolve().parent.parent / "docs" / "course"
PROBLEMS = sorted((COURSE / "problems").glob("*.py"))
LINK = re.compile(r"\[([^\]]+)\]\(\.\./([\w-]+)\.md\)")


def rows():
    """Title, slug and the rest of each row of a path."""
    for line in (COURSE / "README.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("| ["):
            page, needs = line.split("|")[1:3]
            yield *LINK.fullmatch(page.strip()).groups(), LINK.findall(needs)


def test_the_paths_are_pages_of_the_book_with_what_they_build_on():
    titles = {row.slug: row.title for row in sf.contents()}
    listed = list(rows())
    assert len(listed) > 40
    for title, slug, needs in listed:
        page = sf.load(slug)
        assert (title, needs) == (titles[slug], [(titles[used], used) for used in page.uses])
    assert sum(bool(sf.load(slug).example) for _, slug, _ in listed) > 40, "an exercise needs numbers"


@pytest.mark.parametrize("path", PROBLEMS, ids=lambda path: path.stem)
def test_one_line_of_a_problem_is_wrong(path):
    verdicts = [judged.verdict.kind for judged in load_file(path, path.stem, {}).check()]
    assert verdicts.count("refuted") == 1
    assert verdicts.count("proved") == len(verdicts) - 1


def test_there_are_ten_problems():
    assert len(PROBLEMS) == 10
