"""`check`: judges every line; 1 where one is refuted against expectation, or open."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace

from symformer.book import chapters, find, problems
from symformer.cli.command import Command, add_json
from symformer.cli.judging import judged
from symformer.cli.terminal import print_table
from symformer.system import visible

KEYS = ("reason", "relation", "verdict", "expected", "seconds", "by", "conditions", "evidence")


def fill(child: ArgumentParser) -> None:
    """Its arguments."""
    child.add_argument("slugs", metavar="SLUG", nargs="*")
    add_json(child)
    child.add_argument("--fresh", action="store_true", help="ignore verdicts that are kept from earlier runs")


def run(options: Namespace) -> int:
    """Prints a row a line, and what is wrong on standard error."""
    named = options.slugs or [chapter.slug for chapter in chapters()]
    slugs = list(dict.fromkeys(find(name).slug for name in named))
    found = judged(named, fresh=options.fresh)
    wrong = [problem for problem in problems([found[slug] for slug in slugs]) if "refers to" not in problem]
    if options.json:
        data = {slug: {"lines": [{key: line[key] for key in KEYS} for line in found[slug].lines]} for slug in slugs}
        print(json.dumps(data, indent=1, ensure_ascii=False))
    else:
        rows = [(slug, line["relation"], line["verdict"], line["reason"], f"{line['seconds']:.3f} s")
                for slug in slugs for line in found[slug].lines]  # fmt: skip
        print_table(("derivation", "", "verdict", "reason", "time"), rows)
    for problem in wrong:
        print(visible(f"symformer: {problem}"), file=sys.stderr)
    return 1 if wrong else 0


COMMAND = Command("check", "Judge every line of the book, or of some derivations.", fill, run)
