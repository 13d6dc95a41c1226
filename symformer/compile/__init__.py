"""Programs to NumPy source."""

from symformer.compile.arrays import CompileError
from symformer.compile.javascript import javascript
from symformer.compile.lowering import Scope, lower
from symformer.compile.modules import (
    compilable,
    export_program,
    export_source,
    function_modules,
    importing,
    lambdify,
    standalone,
)

__all__ = [
    "CompileError",
    "Scope",
    "compilable",
    "export_program",
    "export_source",
    "function_modules",
    "importing",
    "javascript",
    "lambdify",
    "lower",
    "standalone",
]
