"""Builds the book: `derivations/` into `docs/`. The same as `symformer build derivations -o docs`.

What stands in `docs/` under a page's name is the book's, so it is written over.
"""

import sys
from pathlib import Path

from symformer.cli import main

if __name__ == "__main__":
    here = Path(__file__).resolve().parent
    sys.exit(main(["build", str(here / "derivations"), "-o", str(here / "docs"), "--force", *sys.argv[1:]]))
