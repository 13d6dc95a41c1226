"""`python -m symformer` is the command line."""

import sys

from symformer.cli import main

if __name__ == "__main__":
    sys.exit(main())
