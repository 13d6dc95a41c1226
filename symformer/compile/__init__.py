"""Programs to NumPy source."""

from symformer.compile.arrays import CompileError
from symformer.compile.javascript import javascript
from symformer.compile.lowering import Scope, lower
from symformer.compile.modules import export_program, export_source, function_modules, lambdify, standalone

__all__ = [
    "CompileError",
    "Scope",
    "export_program",
    "export_source",
    "function_modules",
    "javascript",
    "lambdify",
    "lower",
    "standalone",
]
