"""Python names for tensors and sizes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sympy import Symbol

from symformer.compile.helpers import helper_sources
from symformer.notation import Binder, Element, Tensor, Var, Written, walk
from symformer.notation.names import python_name
from symformer.programs import Computed, Loop, Program, is_defined

# What generated functions call by these names: modules, builtins, and variables of their own.
SPOKEN_FOR = ("np", "math", "sum", "bool", "range", "reversed", "dtype", "real", "lead", "at", "rows", "columns",
              "scratch", "row_blocks", "in_range",
          # and those of other array libraries
          "xp", "torch", "jax", "jnp", "numpy", "namespace", "inner_dtype", "default_dtype", "astype", "as_constant",
          "spread_over", "count_from", "axes_moved", "own_copy", "stack_steps", "larger_of", "smaller_of", "take_rows",
          "sum_axes", "seen_contract", "without_batch", "balanced_rows")  # fmt: skip
# What passes call what they make of a variable, and what they make of none.
DERIVED = re.compile(r"_(at|rows|sum|scaled|near|shape|[2-9]|[1-9]\d)$")
MADE = re.compile(r"(ones|shifted)(_.*)?")


def identifier(name: str) -> str:
    """A Python name for a tensor or size, that means nothing else in generated code."""
    return python_name(name, {*SPOKEN_FOR, *helper_sources()})


def input_names(program: Program) -> dict[str, str]:
    """A Python name for each input, by digest; names that would be the same get an underscore."""
    names: dict[str, str] = {}
    for tensor in program.inputs:
        names[tensor.digest] = free(identifier(tensor.name), names.values())
    return names


def variables(program: Program, parts: bool = False) -> dict[str, str]:
    """A variable for each tensor; what is the same under a closed guard shares one, unless both are read later.

    Args:
        program: whose tensors they are.
        parts: whether passes will give names to parts of them, which none of them may then have.
    """
    given = input_names(program)
    fixed = Variables({*given.values(), *size_names(program).values()}, parts)
    names = {digest: fixed.free(name, own=True) for digest, name in given.items()}
    return with_statements(names, program.statements, fixed)


class Variables:
    """Names in use and, with `parts`, what passes may make of them: no variable is called like a part of another."""

    def __init__(self, names: Iterable[str], parts: bool = False) -> None:
        self.parts = parts
        self.names: set[str] = set()
        self.stems: set[str] = set()
        for name in names:
            self._add(name)

    def _add(self, name: str) -> None:
        self.names.add(name)
        self.stems.update(_stems(name) if self.parts else ())

    def free(self, name: str, own: bool = False) -> str:
        """The name, with as many underscores as it needs; `own` says that it is among the names already."""
        if self.parts and MADE.fullmatch(name):
            name, own = f"own_{name}", False
        while (name in self.names and not own) or name in self.stems or self._is_part(name):
            name, own = f"{name}_", False
        self._add(name)
        return name

    def _is_part(self, name: str) -> bool:
        return self.parts and not self.names.isdisjoint(_stems(name))


def _stems(name: str) -> Iterator[str]:
    """What a name may be a part of: `S` and `S_rows` for `S_rows_2`."""
    while (found := DERIVED.search(name)) is not None:
        name = name[: found.start()]
        yield name


def with_statements(known: Mapping[str, str], statements: Sequence[Computed], used: Variables) -> dict[str, str]:
    """The variables that are known, and one for each statement that is none of those in use."""
    names = dict(known)
    for place, statement in enumerate(statements):
        source = passed_through(statement)
        if source is not None and source.origin is not None and not _read_later(source, statements[place + 1 :]):
            names[statement.digest] = names[source.digest]
            continue
        names[statement.digest] = used.free(identifier(statement.name))
    return names


def _read_later(tensor: Tensor, statements: Sequence[Computed]) -> bool:
    return any(tensor.digest == parent.digest for other in statements for parent in other.origin.parents)


def changing(names: Mapping[str, str]) -> frozenset[str]:
    """The variables that hold several tensors, one after the other."""
    return frozenset(name for name, count in Counter(names.values()).items() if count > 1)


def size_names(program: Program) -> dict[Symbol, str]:
    """A variable for each size symbol, of shapes and in formulas; no two sizes share one."""
    taken = set(input_names(program).values())
    found = {size.name: size for size in program.sizes}
    for node in (part for body in _formulas(program.statements) for part in walk(body)):
        own = node.size.free_symbols if isinstance(node, Binder) else node.head if isinstance(node, Var) else ()
        found.update({size.name: size for size in own if size.is_positive and size.name not in found})
    names: dict[Symbol, str] = {}
    for name in sorted(found):
        names[found[name]] = free(identifier(name), taken)
        taken.add(names[found[name]])
    return names


def _formulas(statements: Iterable[Computed]) -> Iterator[Written]:
    """The expressions of definitions, those of a layer too."""
    for statement in statements:
        if is_defined(statement):
            yield from statement.origin.definition.expressions()
        else:
            yield from _formulas(layer_program(statement.origin.loop, (statement,)).statements)


def layer_program(loop: Loop, outs: Sequence[Computed]) -> Program:
    """One layer of a loop as a program of its own, from its formal inputs to what these come out of."""
    wanted = (*(pair.after for pair in loop.carried), *(out.origin.result for out in outs))
    return Program(loop.formals, tuple(tensor for tensor in wanted if isinstance(tensor, Computed)))


def output_names(program: Program, names: Mapping[str, str] | None = None) -> list[str]:
    """The variables that hold the outputs."""
    names = variables(program) if names is None else names
    return [names[output.digest] for output in program.outputs]


def passed_through(statement: Computed) -> Tensor | None:
    """The tensor that a guarded statement equals where its guard does not hold."""
    other = statement.origin.definition.otherwise if is_defined(statement) else None
    same = isinstance(other, Element) and other.symbols == statement.indices
    return other.tensor if same and isinstance(other, Element) else None


def free(name: str, taken: Iterable[str]) -> str:
    """The name with as many underscores as it needs to differ from all that are taken."""
    while name in taken:
        name += "_"
    return name
