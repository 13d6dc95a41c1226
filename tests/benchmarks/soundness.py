"""Thousands of random pairs, half of them equal: nothing that is proved may differ by the plain evaluator.

`python tests/benchmarks/soundness.py [COUNT [START]]` (20,000 pairs take some minutes). Exit status 1 where a proof is
false, or where a rewrite that is called true is not.
"""

import resource
import sys
from collections import Counter
from pathlib import Path
from time import process_time

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from random_pairs import random_pairs


def main(count=20_000, start=0):
    """Prints the figures, and every false proof."""
    kinds, wrong, seconds, unproved = Counter(), 0, [], Counter()
    for pair in random_pairs(count, start):
        begin = process_time()
        proof = pair.proof()
        seconds.append(process_time() - begin)
        kinds[pair.equal, proof is not None] += 1
        if proof is None:
            unproved.update(set(pair.steps) if pair.equal else ())
            continue
        defined, difference = pair.compare()
        kinds["nowhere defined"] += not defined
        if difference:
            wrong += 1
            print(f"{'FALSE RULE?' if pair.equal else 'FALSE PROOF'}: {pair} {proof.conditions}: {difference}")
        if seconds[-1] > 0.5:
            print(f"slow ({seconds[-1]:.2f} s): {pair}")
    equal, changed = kinds[True, True] + kinds[True, False], kinds[False, True] + kinds[False, False]
    print(f"{equal} equal pairs: {kinds[True, True]} proved ({kinds[True, True] / max(equal, 1):.1%})")
    print(f"{changed} changed pairs: {kinds[False, True]} proved ({kinds[False, True] / max(changed, 1):.1%})")
    print(
        f"{wrong} of the proofs are false; {kinds['nowhere defined']} are of pairs that the evaluator found no value of"
    )
    print(f"steps in unproved chains: {', '.join(f'{name} {times}' for name, times in unproved.most_common(12))}")
    seconds.sort()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    middle, late = (1000 * seconds[len(seconds) * share // 100] for share in (50, 95))
    print(f"CPU a pair: median {middle:.1f} ms, 95 % {late:.0f} ms, largest {seconds[-1]:.2f} s; {memory:.0f} MB")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
