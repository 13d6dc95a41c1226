"""The C target: one self-contained C99 file, with the loops of the array nodes and functions of our own."""

from symformer.compile.targets.c.module import CFunction, c_library_module, c_name, c_program_module
from symformer.compile.targets.c.running import c_caller
from symformer.system.building import built

__all__ = ["CFunction", "built", "c_caller", "c_library_module", "c_name", "c_program_module"]
