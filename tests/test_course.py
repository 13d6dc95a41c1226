"""The course: every page that it lists is in the book, with what it builds on; each problem has one wrong line."""

import json
import re
from pathlib import Path

import pytest

import symformer as sf
from symformer.cli import main
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


def exercise_answers(tmp_path, answers, *options):
    """Exit status of `check --answers` for an exercise of softmax by hand."""
    path = tmp_path / "answers.json"
    path.write_text(json.dumps(answers), encoding="utf-8")
    return main(["check", "online-softmax", "--answers", str(path), *options])


def test_answers_are_marked(tmp_path, capsys):
    right = sf.load("online-softmax").at(blank=0.5).answer_numbers()
    rounded = {str(box): round(number, 4) for box, number in right.items()}
    assert exercise_answers(tmp_path, rounded) == 0
    assert {line.split("\t")[2] for line in capsys.readouterr().out.splitlines()} == {"right"}
    assert exercise_answers(tmp_path, {**rounded, "1": rounded["1"] + 0.001}) == 1
    assert "\twrong" in capsys.readouterr().out
    assert exercise_answers(tmp_path, {}) == 1
    assert "\tmissing" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("answers", "culprit"), [({"99": 1}, "no box '99'"), ({"1": "x"}, "box 1: expected a number"), ([1], "object")]
)
def test_answers_that_cannot_be_read_are_bad_input(tmp_path, capsys, answers, culprit):
    assert exercise_answers(tmp_path, answers) == 2
    assert culprit in capsys.readouterr().err


def test_another_seed_leaves_out_others():
    keys = {tuple(sf.load("online-softmax").at(blank=0.5, seed=seed).answer_numbers().values()) for seed in range(4)}
    assert len(keys) > 1


def test_the_answers_are_what_the_page_prints():
    worked = sf.load("online-softmax").at(blank=1.0, answers=True)
    printed = worked.text()[worked.text().index("Answers") :]
    assert all(f"{number:.4f}" in printed for number in worked.answer_numbers().values())


OWN = """import symformer as sf

n = sf.sizes("n")
i, k = sf.indices("i k")
x = sf.tensor("x", n)
p = sf.define("p", i, sf.exp(x[i]) / sf.sum(sf.exp(x[k]), k))
"""


def test_an_exercise_from_ones_own_formula_is_marked(tmp_path, capsys):
    (tmp_path / "mine.py").write_text(OWN, encoding="utf-8")
    (tmp_path / "x.json").write_text('{"x": [0, 1]}', encoding="utf-8")
    (tmp_path / "answers.json").write_text('{"1": 0.2689, "2": 0.7311}', encoding="utf-8")
    command = ["check", f"{tmp_path / 'mine.py'}:p", "--at", str(tmp_path / "x.json"), "--blank", "1"]
    assert main([*command, "--answers", str(tmp_path / "answers.json")]) == 0
    assert capsys.readouterr().out == "1\t0.2689\tright\n2\t0.7311\tright\n"
