"""The witness for every size: a normal form of indexed expressions with symbolic sizes."""

from symformer.proof.normal.conditions import conditions_of
from symformer.proof.normal.equal import Proof, prove
from symformer.proof.normal.formula import formula
from symformer.proof.normal.inequality import at_most
from symformer.proof.normal.printed import printed
from symformer.proof.normal.small import vanishes

__all__ = ["Proof", "at_most", "conditions_of", "formula", "printed", "prove", "vanishes"]
