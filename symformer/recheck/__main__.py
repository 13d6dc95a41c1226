"""`python -m symformer.recheck FILE`: a verdict a line on what `symformer check --export FILE` has written."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from .judge import agrees, opinion

FORMAT = "symformer statements 1"


def main(arguments: list[str]) -> int:
    """0 where nothing contradicts what is expected, 1 where something does, 2 for a file that cannot be read."""
    if len(arguments) != 1:
        print("usage: python -m symformer.recheck FILE", file=sys.stderr)
        return 2
    try:
        data = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise ValueError(f"expected {FORMAT!r} under 'format'")
        statements = data["statements"]
    except (OSError, ValueError, KeyError) as error:
        print(f"recheck: {arguments[0]}: {error}", file=sys.stderr)
        return 2
    wrong = 0
    for statement in statements:
        found = opinion(statement)
        fits = agrees(found, statement.get("expected"))
        wrong += not fits
        bound = f"; error below 2^-{found.bits}" if found.bits else ""
        print(f"{found.kind}\t{statement['name']}\t{found.words}{bound}" + ("" if fits else "\tAGAINST EXPECTATION"))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
