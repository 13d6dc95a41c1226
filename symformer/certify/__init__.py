"""The book's equations for Rocq: statements that are read, and proofs that are checked by a kernel that is not ours.

`statement` says what a lemma states, and is trusted. All else writes proofs, and is not: Rocq refuses a wrong one.
"""

from symformer.certify.lines import Exported, Line, exported, exported_with
from symformer.certify.names import Unprovable
from symformer.certify.report import NotOurs, counted, ledger, statements, write

__all__ = [
    "Exported",
    "Line",
    "NotOurs",
    "Unprovable",
    "counted",
    "exported",
    "exported_with",
    "ledger",
    "statements",
    "write",
]
