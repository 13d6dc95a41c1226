"""Derivatives of indexed expressions, Jacobians, and reverse mode on programs."""

from symformer.calculus.backward import Backward, Step
from symformer.calculus.derivative import NoDerivative, derivative, worked_out
from symformer.calculus.forward import Tangents, forward_mode
from symformer.calculus.jacobian import Jacobian, hessian, jacobian
from symformer.calculus.reverse import reverse

__all__ = [
    "Backward",
    "Jacobian",
    "NoDerivative",
    "Step",
    "Tangents",
    "derivative",
    "forward_mode",
    "hessian",
    "jacobian",
    "reverse",
    "worked_out",
]
