"""The second judge on the book, on mutants of it, on random pairs, and on exports that a faulty exporter would write.

`python tests/benchmarks/recheck.py book|mutants|pairs|exports [COUNT [START]]`. Exit status 1 where anything is wrong.
"""

import sys
from collections import Counter
from pathlib import Path
from time import process_time

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mutants import book_mutants
from plain_points import compare
from random_pairs import random_pairs
from second_judge import changed_exports, false_confirmations, wrong_verdicts

import symformer as sf
from symformer.derivation import claims
from symformer.recheck import agrees, opinion


def spread(items, count, start):
    """So many of the items, from all over the list."""
    return [items[(start + place * len(items) // count) % len(items)] for place in range(min(count, len(items)))]


def book(count=0, start=0):
    """Every line of the book."""
    kinds, wrong, every, begin = Counter(), 0, 0, process_time()
    for listed in sf.contents():
        for one in [claim.statement() for claim in claims(sf.load(listed.slug))]:
            found = opinion(one)
            claim = one["expected"] or one["relation"]
            kinds[claim, found.kind] += 1
            every += claim == "=" and found.every
            wrong += not agrees(found, one["expected"])
            if claim == "=" and found.kind != "confirmed":
                print(f"{found.kind}: {one['name']}: {found.words}")
    equations = sum(number for (claim, _), number in kinds.items() if claim == "=")
    print(f"{equations} equations: {kinds['=', 'confirmed']} confirmed, the theorem covers {every}")
    print(f"{dict(kinds)}; {process_time() - begin:.1f} s of CPU, exporting included; {wrong} against expectation")
    return wrong


def mutants(count=3000, start=0):
    """Single-place changes of the book's equations: none is confirmed but what the plain evaluator finds true."""
    chosen = spread([one for one in book_mutants() if one.relation == "="], count, start)
    wrong, kinds = wrong_verdicts(chosen, compare)
    print(f"{len(chosen)} mutants: {kinds}; {len(wrong)} confirmed although they differ", *wrong, sep="\n")
    return len(wrong)


def pairs(count=20_000, start=0):
    """Random pairs, half of them equal."""
    found = false_confirmations(random_pairs(count, start))
    print(f"{count} pairs; {len(found)} confirmed although they differ", *found, sep="\n")
    return len(found)


def exports(count=500, start=0):
    """Changed exports: what is read back beside the page sees each; how many the second judge sees by itself."""
    lines = [one for listed in sf.contents() for one in claims(sf.load(listed.slug))]
    kinds, alone, missed = Counter(), Counter(), []
    for place, claim in enumerate(lines[(start + one) % len(lines)] for one in range(count)):
        data = claim.statement()
        for kind, changed in changed_exports(data, start + place, 1):
            kinds[kind] += 1
            alone[kind] += opinion(changed).kind != "confirmed"
            if not claim.difference(changed):
                missed.append(f"{data['name']}: {kind}")
    print(f"{kinds.total()} changed exports: {dict(kinds)}; the judge alone does not confirm {dict(alone)}")
    print(f"{len(missed)} missed", *missed, sep="\n")
    return len(missed)


if __name__ == "__main__":
    sys.exit(bool(globals()[sys.argv[1]](*map(int, sys.argv[2:]))))
