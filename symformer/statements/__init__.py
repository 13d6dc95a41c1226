"""Claims as plain data (JSON), for a judge that shares nothing with ours: what is written, with its definitions."""

from symformer.statements.compare import difference
from symformer.statements.write import FORMAT, Unwritable, statement

__all__ = ["FORMAT", "Unwritable", "difference", "statement"]
