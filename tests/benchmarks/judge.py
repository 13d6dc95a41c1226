"""CPU time, memory and verdicts of every judged line of the book, without any cache.

`python tests/benchmarks/judge.py [SLUG ...]`. A line is trivial where plain SymPy gives both sides the same form as
soon as they are written down.
"""

import resource
import sys
from collections import Counter
from time import process_time

import symformer as sf
import symformer.derivation.core as core

core.perf_counter = process_time  # what a line costs, and not what else the machine does meanwhile
KINDS = ("proved", "exact", "checked", "open", "refuted")


def lines(slug):
    """(number, judged line, whether it is trivial) of a derivation."""
    derivation, before = sf.load(slug), None
    judged = {id(item.line): item for item in derivation.check()}
    for number, line in enumerate(derivation.lines, start=1):
        if id(line) in judged:
            yield number, judged[id(line)], before.plain() == line.formula.plain()
        if line.expected is None:
            before = line.formula


def main(slugs):
    """Prints the figures, the slowest lines, and the non-trivial ones that are not proved."""
    found = [
        (f"{slug} ({number})", item, trivial)
        for slug in slugs or [listed.slug for listed in sf.contents()]
        for number, item, trivial in lines(slug)
    ]
    seconds = sorted(item.seconds for _, item, _ in found)
    middle, late = (1000 * seconds[len(seconds) * share // 100] for share in (50, 95))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{len(found)} lines; CPU a line: median {middle:.1f} ms, 95 % {late:.0f} ms, largest {seconds[-1]:.2f} s")
    print(f"CPU in all: {sum(seconds):.1f} s; peak memory: {memory:.0f} MB")
    for name, item, _ in sorted(found, key=lambda one: -one[1].seconds)[:8]:
        print(f"  {item.seconds:.2f} s  {name}: {item.line.formula}")
    real = [(name, item) for name, item, trivial in found if not trivial and item.line.expected is None]
    kinds = Counter(item.verdict.kind for _, item in real)
    shares = ", ".join(f"{kinds[kind]} {kind} ({kinds[kind] / len(real):.1%})" for kind in KINDS if kinds[kind])
    print(f"{len(real)} of them are not trivial: {shares}")
    for name, item in real:
        if item.verdict.kind != "proved":
            words = f"{item.line.relation} {item.line.formula}: {item.verdict.evidence}"
            print(f"  {item.verdict.kind}: {name}: {words[:240]}")


if __name__ == "__main__":
    main(sys.argv[1:])
