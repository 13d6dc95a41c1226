"""Tables and progress for a terminal, by rich, which is only loaded where there is one; plain lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

Report = Callable[[str, int, int], None]  # what was done, how many, of how many


@contextmanager
def progress_of(what: str) -> Iterator[Report]:
    """A bar on standard error while something long runs; nothing where that is no terminal."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda name, done, total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda name, done, total: progress.update(task, description=f"{what} {name}", completed=done, total=total)


def print_table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """A table on a terminal, else one line a row with tabs between."""
    if sys.stdout is None or not sys.stdout.isatty():
        for row in rows:
            print("\t".join(str(cell) for cell in row))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(*head)
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    Console().print(table)
