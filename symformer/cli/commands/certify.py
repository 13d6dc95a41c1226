"""`certify`: the book's equations as files for Rocq, whose kernel checks them; and the lines that stay outside."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from symformer.book import chapters, find, load
from symformer.certify import NotOurs, counted, exported, ledger, statements, write
from symformer.cli.command import Command
from symformer.cli.parser import UsageError
from symformer.cli.terminal import print_table
from symformer.system import write_whole


def fill(child: ArgumentParser) -> None:
    """Its arguments."""
    child.add_argument("slugs", metavar="SLUG", nargs="*")
    child.add_argument("--to", choices=("rocq",), default="rocq", help="the proof checker")
    child.add_argument("-o", metavar="DIR", type=Path, dest="out", help="write one file a derivation into this folder")
    child.add_argument("--ledger", action="store_true", help="print the lines that have no lemma, with the reason")
    child.add_argument(
        "--statements", metavar="FILE", type=Path, help="write what the lemmas say, without their proofs"
    )


def run(options: Namespace) -> int:
    """Writes the files, and prints how many lines have a lemma.

    Raises:
        UsageError: nothing to write or print is asked for.
        NotOurs: a file of somebody else's is in the way.
    """
    if options.out is None and options.statements is None and not options.ledger:
        raise UsageError("symformer certify: expected -o DIR, --statements FILE or --ledger")
    named = {find(name).slug: name for name in options.slugs} or {one.slug: one.slug for one in chapters()}
    pages = [exported(load(name)) for name in named.values()]
    if options.out is not None:
        write(pages, options.out)
    if options.statements is not None:
        write_whole(options.statements, statements(pages))
    if options.ledger:
        print_table(("line", "why it has no lemma"), ledger(pages))
    print(counted(pages))
    return 0


COMMAND = Command(
    "certify", "Write equations with proofs for Rocq, a kernel that is not ours.", fill, run, lambda: (NotOurs,)
)
