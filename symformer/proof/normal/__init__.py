"""The witness for every size: a normal form of indexed expressions with symbolic sizes."""

from symformer.proof.normal.form import Proof, prove

__all__ = ["Proof", "prove"]
