"""What is written of exported pages: files, statements, the lines outside, and how many there are of each kind."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from symformer.certify.lines import Exported
from symformer.certify.names import free
from symformer.certify.page import HEAD
from symformer.system import write_whole


class NotOurs(Exception):
    """A file that somebody else wrote is in the way."""


RULES = Path(__file__).with_name("rules.v")


def file_name(slug: str) -> str:
    """The file of a page: Rocq takes its name for that of a module, so that it has to be an identifier."""
    return f"{free(slug, ())}.v"


def write(pages: Sequence[Exported], folder: Path) -> None:
    """One file for each page that has a lemma, and the rules that all stand on: `coqc rules.v` first.

    Raises:
        NotOurs: a file in the way was not written by this; then nothing is written.
    """
    texts = {RULES.name: RULES.read_text(encoding="utf-8")}
    for page in pages:
        if any(line.lemma for line in page.lines):
            texts[file_name(page.slug)] = page.source
    for name in texts:
        if (folder / name).exists() and not _is_ours(folder / name):
            raise NotOurs(f"{folder / name}: exists and was not made by certify; nothing was written")
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        write_whole(folder / name, text)


def _is_ours(path: Path) -> bool:
    """Whether a file begins as one that was written here, by this version or an earlier one."""
    begins = RULES.read_bytes().partition(b"\n")[0] if path.name == RULES.name else HEAD.encode()
    return path.is_file() and path.read_bytes().startswith(begins)


def statements(pages: Sequence[Exported]) -> str:
    """What the lemmas say, page by page, without their proofs."""
    found = [f"(* {page.slug} *)\n{page.statements}" for page in pages if any(line.lemma for line in page.lines)]
    return "\n\n".join(found) + "\n"


def ledger(pages: Sequence[Exported]) -> list[tuple[str, str]]:
    """(line, why it has no lemma)."""
    return [(line.name, line.reason) for page in pages for line in page.lines if line.reason]


def counted(pages: Sequence[Exported]) -> str:
    """How many lines have a lemma: without a derivative, with one after our rules, and alike once unfolded."""
    lines = [line for page in pages for line in page.lines]
    written = [line for line in lines if line.lemma]
    alike = sum(line.alike for line in written)
    after = sum(line.derivative and not line.alike for line in written)
    return (
        f"{len(written)} of {len(lines)} equations: {len(written) - alike - after} without a derivative, {after} "
        f"with one after our rules of differentiation, {alike} that read the same once unfolded"
    )
