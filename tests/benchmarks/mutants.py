"""Judges every single-place change of every line of the book, and has a plain evaluator confirm what is called true.

`python tests/benchmarks/mutants.py [SLUG ...]` (some minutes). Exit status 1 where a verdict is wrong.
"""

import resource
import sys
from collections import Counter
from pathlib import Path
from statistics import median
from time import process_time

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mutants import book_mutants
from plain_points import compare

from symformer.proof import Judge

KINDS = ("proved", "exact", "checked", "refuted", "open")


def judged(mutants):
    """(mutant, verdict, CPU seconds), with one judge for each derivation, as in a build."""
    judges = {}
    for mutant in mutants:
        judge = judges.setdefault(mutant.slug, Judge())
        start = process_time()
        verdict = judge.judge(mutant.before, mutant.relation, mutant.formula, mutant.ranges)
        yield mutant, verdict, process_time() - start


def unconfirmed(mutant):
    """Why the plain evaluator does not confirm a mutant, or nothing."""
    ranges = {index: span.size for index, span in mutant.ranges.items()}
    defined, difference = compare(mutant.before, mutant.formula, ranges, mutant.relation)
    return difference or ("" if defined else "it is defined nowhere")


def main(slugs):
    """Prints the figures, and every verdict that deserves a look."""
    kinds, seconds, wrong = Counter(), [], 0
    for mutant, verdict, used in judged(book_mutants(slugs)):
        kinds[verdict.kind] += 1
        seconds.append(used)
        if verdict.kind == "open":
            print(f"open: {mutant}: {verdict.evidence}")
        elif verdict.kind != "refuted" and (reason := unconfirmed(mutant)):
            wrong += 1
            print(f"NOT CONFIRMED ({verdict.kind}): {mutant}: {reason}")
        if used > 1:
            print(f"slow ({used:.2f} s, {verdict.kind}): {mutant}")
    print(
        f"{len(seconds)} mutants: "
        + ", ".join(f"{kinds[kind]} {kind} ({kinds[kind] / len(seconds):.2%})" for kind in KINDS)
    )
    seconds.sort()
    middle, late = 1000 * median(seconds), 1000 * seconds[len(seconds) * 95 // 100]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"CPU a mutant: median {middle:.1f} ms, 95 % {late:.0f} ms, largest {seconds[-1]:.2f} s")
    print(f"CPU in all: {sum(seconds):.0f} s; peak memory: {memory:.0f} MB")
    print(f"{wrong} verdicts not confirmed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
