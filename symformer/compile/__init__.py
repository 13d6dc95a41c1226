"""Programs to NumPy source, and to that of other runtimes."""

from symformer.compile.arrays import CompileError
from symformer.compile.javascript import javascript
from symformer.compile.lowering import Scope, lower
from symformer.compile.modules import (
    compilable,
    export_for,
    export_program,
    export_source,
    function_modules,
    importing,
    lambdify,
    standalone,
)
from symformer.compile.pseudocode import pseudocode
from symformer.compile.runtimes import signature_module
from symformer.compile.targets import TARGETS
from symformer.compile.targets.sharded import sharded_module

__all__ = [
    "CompileError",
    "Scope",
    "TARGETS",
    "compilable",
    "export_for",
    "export_program",
    "export_source",
    "function_modules",
    "importing",
    "javascript",
    "lambdify",
    "lower",
    "pseudocode",
    "sharded_module",
    "signature_module",
    "standalone",
]
