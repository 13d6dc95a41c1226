"""Programs to NumPy source."""

from symformer.compile.arrays import CompileError
from symformer.compile.modules import export_source, function_modules, lambdify, standalone

__all__ = ["CompileError", "export_source", "function_modules", "lambdify", "standalone"]
