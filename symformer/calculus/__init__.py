"""Derivatives of indexed expressions."""

from symformer.calculus.derivative import NoDerivative, derivative

__all__ = ["NoDerivative", "derivative"]
