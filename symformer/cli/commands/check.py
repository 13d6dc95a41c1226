"""`check`: both judges on every line; 1 where one is refuted against expectation, or open, or where they disagree."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from symformer.book import chapters, find, load, problems
from symformer.cli.command import Command, add_json, add_shapes, add_values, read_from
from symformer.cli.judging import judged
from symformer.cli.marking import marks
from symformer.cli.names import definitions_page, users_program
from symformer.cli.parser import real_number, whole_number
from symformer.cli.terminal import print_table
from symformer.derivation import claims
from symformer.statements import FORMAT
from symformer.system import visible, write_whole
from symformer.values import ValuesError, read_file

KEYS = ("reason", "relation", "verdict", "expected", "seconds", "by", "conditions", "evidence")


def fill(child: ArgumentParser) -> None:
    """Its arguments."""
    child.add_argument("slugs", metavar="SLUG", nargs="*")
    add_json(child)
    child.add_argument("--fresh", action="store_true", help="ignore verdicts that are kept from earlier runs")
    child.add_argument("--recheck", action="store_true", help="print what the second judge says of each line, too")
    words = "write what is claimed for `python -m symformer.recheck FILE`, and judge nothing"
    words_for_answers = "a .json file of your numbers by box: marks the exercise that `show --blank` prints"
    child.add_argument("--answers", metavar="FILE", type=Path, help=words_for_answers)
    child.add_argument(
        "--blank", metavar="SHARE", type=real_number, default=0.5, help="the fraction that the exercise left out"
    )
    child.add_argument("--seed", type=whole_number, default=0, help="its seed")
    add_values(child)
    add_shapes(child)
    child.add_argument("--export", metavar="FILE", type=Path, help=words)


def export(path: Path, names: Sequence[str]) -> None:
    """Writes what derivations claim as plain statements."""
    found = [claim.statement() for name in names for claim in claims(load(name))]
    text = json.dumps({"format": FORMAT, "statements": found}, ensure_ascii=False)
    write_whole(path, text + "\n")


def mark(options: Namespace) -> int:
    """Prints a row a box of an exercise: 1 where one is wrong or missing.

    Raises:
        ValuesError: not one derivation is named, or the answers or values do not fit it.
    """
    if len(options.slugs) != 1:
        raise ValuesError(f"--answers: expected one derivation, got {len(options.slugs)}")
    with read_from(options.at):
        values, source = (None, "example") if options.at is None else (read_file(options.at), str(options.at))
        own = users_program(options.slugs[0], options.shapes)
        page = load(options.slugs[0]) if own is None else definitions_page(*own)
        worked = page.at(values, source=source, blank=options.blank, seed=options.seed)
        right = worked.answer_numbers()
    rows = list(marks(options.answers, right, worked.decimals))
    print_table(("box", "answer", ""), rows)
    return 0 if all(mark == "right" for *_, mark in rows) else 1


def rechecked(line: Mapping[str, Any]) -> str:
    """What the second judge says of a line."""
    return f"{line['second']['kind']}: {line['second']['words']}"


def told(line: Mapping[str, Any], recheck: bool) -> dict[str, Any]:
    """A line as `--json` has it, with what the second judge says where that is asked for."""
    return {key: line[key] for key in KEYS} | ({"recheck": rechecked(line)} if recheck else {})


def run(options: Namespace) -> int:
    """Prints a row a line, and what is wrong on standard error."""
    if options.answers is not None:
        return mark(options)
    named = options.slugs or [chapter.slug for chapter in chapters()]
    slugs = {find(name).slug: name for name in named}
    if options.export:
        export(options.export, list(slugs.values()))
        return 0
    found = judged(named, fresh=options.fresh)
    wrong = [problem for problem in problems([found[slug] for slug in slugs]) if "refers to" not in problem]
    if options.json:
        data = {slug: {"lines": [told(line, options.recheck) for line in found[slug].lines]} for slug in slugs}
        print(json.dumps(data, indent=1, ensure_ascii=False))
    else:
        second = ["recheck"] if options.recheck else []
        rows = [(slug, line["relation"], line["verdict"], *([rechecked(line)] if second else []), line["reason"],
                 f"{line['seconds']:.3f} s") for slug in slugs for line in found[slug].lines]  # fmt: skip
        print_table(("derivation", "", "verdict", *second, "reason", "time"), rows)
    for problem in wrong:
        print(visible(f"symformer: {problem}"), file=sys.stderr)
    return 1 if wrong else 0


COMMAND = Command("check", "Judge every line of the book, or of some derivations.", fill, run)
