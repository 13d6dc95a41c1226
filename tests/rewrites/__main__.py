"""`PYTHONPATH=. python tests/rewrites` prints the table: each rewrite, its verdict, and that of its false twin."""

import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rewrites.table import RULES, UNSAID, rows


def main() -> int:
    """Prints the table; 1 where a false twin is accepted."""
    found = list(rows())
    for row in found:
        print(f"{row.family:15}{row.verdict:10}{row.twin:10}{row.seconds:6.2f} s  {row.rule.words}")
    for words, reason in UNSAID.items():
        print(f"{'not sayable':35}{'':8}  {words}: {reason}")
    said, proved = len(found), sum(row.verdict == "proved" for row in found)
    times = sorted(row.seconds for row in found)
    print(f"{said} said, {proved} proved ({proved / said:.0%}), {len(UNSAID)} not sayable")
    print(f"false twins: {dict(Counter(row.twin for row in found))}")
    print(
        f"CPU a rule with its twin: median {1000 * times[said // 2]:.0f} ms, "
        f"largest {times[-1]:.2f} s, in all {sum(times):.1f} s"
    )
    print(", ".join(f"{family} {len(rules)}" for family, rules in RULES.items()))
    return int(any(row.accepted for row in found))


if __name__ == "__main__":
    sys.exit(main())
