"""`list`: the book's contents."""

from __future__ import annotations

import json
from argparse import Namespace

from symformer.book import contents
from symformer.cli.command import Command, add_json
from symformer.cli.judging import judged
from symformer.cli.terminal import print_table


def run(options: Namespace) -> int:
    """Slug, title, weakest verdict."""
    found = judged([listed.slug for listed in contents()])
    rows = [
        {"slug": listed.slug, "title": listed.title, "part": listed.part, "verdict": found[listed.slug].verdict}
        for listed in contents()
    ]
    if options.json:
        print(json.dumps(rows, indent=1, ensure_ascii=False))
        return 0
    print_table(("slug", "title", "weakest line"), [(row["slug"], row["title"], row["verdict"]) for row in rows])
    return 0


COMMAND = Command("list", "The book's contents: slug, title and weakest verdict.", add_json, run)
