"""Derivatives of indexed expressions, and reverse mode on programs."""

from symformer.calculus.backward import Backward, Step
from symformer.calculus.derivative import NoDerivative, derivative, worked_out
from symformer.calculus.reverse import reverse

__all__ = ["Backward", "NoDerivative", "Step", "derivative", "reverse", "worked_out"]
