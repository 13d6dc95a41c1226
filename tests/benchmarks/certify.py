"""The book through Rocq, page by page: which lines it accepts, what that costs, and that it accepts no false line.

`python tests/benchmarks/certify.py book [SLUG …] | mutants COUNT [START] | statements`. `book` prints a row a page and
the lines that are refused, for `symformer/certify/refused.py`; with no slug it also writes tests/data/rocq_pages.txt,
the pages whose every lemma is accepted. `statements` writes tests/data/statements.v. The whole book is many minutes.
"""

import resource
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mutants import book_mutants
from rocq_runs import accepted, compiled, differs, with_scripts

import symformer as sf
from symformer.certify import exported, statements, write

DATA = Path(__file__).parents[1] / "data"


def spent():
    """Seconds of CPU of what was called."""
    found = resource.getrusage(resource.RUSAGE_CHILDREN)
    return found.ru_utime + found.ru_stime


def folder_of_rules():
    """A folder with the compiled rules."""
    folder = Path(tempfile.mkdtemp())
    write([], folder)
    assert compiled(folder, "rules.v")[1]
    return folder


def kind(line):
    """How a line counts."""
    return "alike once unfolded" if line.alike else "with a derivative" if line.derivative else "without a derivative"


def book(*slugs):
    """Every page: lemmas that are accepted by kind, those that are refused, and lines that have none."""
    folder, fine, counts, refused = folder_of_rules(), [], Counter(), []
    for slug in slugs or [listed.slug for listed in sf.contents()]:
        page, begin = exported(sf.load(slug)), spent()
        written = [line for line in page.lines if line.lemma]
        found = accepted(folder, page.source, [line.lemma for line in written])
        counts.update(kind(line) for line in written if line.lemma in found)
        refused += [line.name for line in written if line.lemma not in found]
        counts.update({"no lemma": len(page.lines) - len(written)})
        print(f"{slug}: {len(found)} of {len(page.lines)}, {spent() - begin:.1f} s", flush=True)
        if written and len(found) == len(written):
            fine.append(f"{slug} {spent() - begin:.0f}")
    if not slugs:
        (DATA / "rocq_pages.txt").write_text("".join(f"{line}\n" for line in fine))
    print(dict(counts), f"refused: {refused}", sep="\n")
    return bool(refused)


def mutants(count=200, start=0):
    """False single-place changes, each with a script of its own: none is accepted."""
    folder, chosen = folder_of_rules(), [one for one in book_mutants() if one.relation == "="]
    step, tried, wrong = max(1, len(chosen) // int(count)), 0, []
    for place in range(int(start), len(chosen), step):
        if not differs(chosen[place]):
            continue
        page = with_scripts(chosen[place].slug, [chosen[place]])
        lemmas = [line.lemma for line in page.lines if line.lemma]
        tried += len(lemmas)
        wrong += [str(chosen[place])] if lemmas and accepted(folder, page.source, lemmas) else []
    print(f"{tried} false lines with a script, {len(wrong)} accepted", *wrong, sep="\n")
    return bool(wrong)


def statements_of_the_pages():
    """Writes what the lemmas of the listed pages state."""
    slugs = [line.split()[0] for line in (DATA / "rocq_pages.txt").read_text().splitlines()]
    (DATA / "statements.v").write_text(statements([exported(sf.load(slug)) for slug in slugs]))
    return False


if __name__ == "__main__":
    jobs = {"book": book, "mutants": mutants, "statements": statements_of_the_pages}
    sys.exit(jobs[sys.argv[1]](*sys.argv[2:]))
