"""A C file: functions of our own that are called, and each function in float and in double."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from sympy import Expr

from symformer.compile.arrays import Array, CompileError, Map, Reduce, loads, walk
from symformer.compile.jobs import Job
from symformer.compile.lines import Line, program_lines, program_scope, size_text
from symformer.compile.lowering import Scope
from symformer.compile.names import output_names
from symformer.compile.passes.absolute import as_absolute
from symformer.compile.passes.balance import balanced
from symformer.compile.passes.hidden import zero_where_hidden
from symformer.compile.passes.terms import guarded_terms, only_read, only_where_set, without_names
from symformer.compile.targets.c.loops import INDENT, Loops, Statement, groups
from symformer.compile.targets.c.numbers import is_word
from symformer.compile.targets.c.prelude import INCLUDES, called_by
from symformer.compile.targets.c.scalars import Buffer, Scalars
from symformer.notation import Tensor
from symformer.programs import Program, is_defined

KEYWORDS = frozenset(
    {"auto", "break", "case", "char", "const", "continue", "default", "do", "double", "else", "enum", "extern",
     "float", "for", "goto", "if", "inline", "int", "long", "register", "restrict", "return", "short", "signed",
     "sizeof", "static", "struct", "switch", "typedef", "union", "unsigned", "void", "volatile", "while", "lanes",
     "lane", "half", "odd", "others", "value", "top", "at", "outside", "done", "NULL", "INFINITY", "main", "exp",
     "log", "sqrt", "pow", "floor", "tanh", "sin", "cos", "erf", "y0", "y1", "yn", "j0", "j1", "jn", "gamma", "free",
     "malloc", "isinf"}
)  # fmt: skip
TYPES = ("float", "double")


@dataclass(frozen=True)
class CFunction:
    """A function of a C file.

    Attributes:
        name: without its type.
        sizes: the Python names of the sizes that it takes first.
        inputs: the variables of its inputs, in order, and "real", "whole", "mask", "number", "count", "flag" or "word".
        outputs: the variables of its outputs.
        text: its two definitions.
        used: the functions of our own that it calls.
        squares: whether it adds up squares, which leave the range of a type long before what is squared does.
    """

    name: str
    sizes: tuple[str, ...]
    inputs: tuple[tuple[str, str], ...]
    outputs: tuple[str, ...]
    text: str
    used: frozenset[str]
    squares: bool = False


def c_program_module(
    name: str, programs: Mapping[str, Program], slopes: Collection[str] = ()
) -> tuple[str, list[CFunction]]:
    """The C file with a function for each program, by name, and what these functions take; `slopes` are derivatives.

    Raises:
        CompileError: a definition has no form in C; it is named.
    """
    return _file(name, [_program_function(one, program, one in slopes) for one, program in programs.items()])


def c_library_module(name: str, jobs: Sequence[Job]) -> tuple[str, list[CFunction]]:
    """The C file with a function for each function of the library, and what they take.

    Raises:
        CompileError: a definition has no form in C; it is named.
    """
    return _file(name, [_library_function(job) for job in jobs])


def _file(name: str, functions: Sequence[CFunction]) -> tuple[str, list[CFunction]]:
    helpers = called_by(set().union(*(one.used for one in functions)))
    head = f"""/* {name}, written by SymFormer: C99, and nothing but the standard library.

   Arrays are contiguous, the last axis innermost; sizes come first. Positions count from 0. A function returns 0; 1
   where a position lies outside its axis, and -1 where there is no memory: its results then mean nothing.
   Compile with -O3; -ffast-math would lose infinities and what is hidden. */
"""
    texts = [head, INCLUDES, *helpers, *(one.text for one in functions)]
    return "\n".join(texts), list(functions)


def _program_function(name: str, program: Program, slopes: bool) -> CFunction:
    opened = program.unfold(stable=True)
    loop = next((one for one in opened.statements if not is_defined(one)), None)
    if loop is not None:
        raise CompileError(f"{loop.name}: a loop over steps has no form in c")
    scope = program_scope(opened, set(), set(), set())
    slopes = slopes or program.slopes
    scope = replace(scope, stable=True, weights=frozenset(scope.variables), slopes=slopes)
    outputs = tuple(output_names(opened, scope.variables))
    lines = only_read(program_lines(opened, scope), outputs)
    return _function(name, opened, scope, zero_where_hidden(as_absolute(lines)), outputs)


def _library_function(job: Job) -> CFunction:
    program, signature = job.program, job.signature
    options = {parameter.name for parameter in signature.parameters if parameter.kind == "option"}
    numbers = options | {tensor.name for tensor in job.cotangents if not tensor.shape}
    precise = {parameter.name for parameter in signature.parameters if parameter.kind == "precise"}
    scope = program_scope(program, numbers, set(), precise)
    scope = replace(scope, weights=frozenset(scope.variables), slopes=bool(job.cotangents))
    outputs = tuple(output_names(program, scope.variables))
    lines = only_read(without_names(program_lines(program, scope), outputs), outputs)
    lines = only_where_set(guarded_terms(lines, outputs), outputs)
    lines = balanced(lines, *job.balanced) if job.balanced is not None else lines
    return _function(job.name, program, scope, zero_where_hidden(as_absolute(lines)), outputs)


def _function(name: str, program: Program, scope: Scope, lines: Sequence[Line], outputs: tuple[str, ...]) -> CFunction:
    written = [_Writing(name, real, program, scope, lines, outputs) for real in TYPES]
    texts = [one.text() for one in written]
    used = frozenset().union(*(one.scalars.used for one in written))
    first = written[0]
    squares = any(_adds_squares(node) for line in lines for node in walk(line.array))
    return CFunction(name, tuple(first.sizes), tuple(first.inputs), outputs, "\n".join(texts), used, squares)


def _adds_squares(node: Array) -> bool:
    return isinstance(node, Reduce) and isinstance(node.part, Map) and node.part.name in ("square", "pow")


class _Writing:
    """One function in one type."""

    def __init__(self, name: str, real: str, program: Program, scope: Scope, lines: Sequence[Line],
                 outputs: tuple[str, ...]) -> None:  # fmt: skip
        self.name, self.real, self.program, self.scope = c_name(name), real, program, scope
        self.lines, self.outputs = lines, outputs
        self.sizes = list(dict.fromkeys(scope.sizes.values()))
        self.given = {scope.variables[tensor.digest]: tensor for tensor in program.inputs}
        self.codes = [line.guard.code for line in lines if line.guard is not None]
        self.inputs = [*((name, self._kind(tensor)) for name, tensor in self.given.items()), *self._flags()]
        names = {one: c_name(one) for one in (*self.sizes, *scope.variables.values(), *(n for n, _ in self.inputs))}
        names |= {one: f"(*{c_name(one)})" for one, kind in self.inputs if kind == "maybe"}
        whole = {scope.variables[one.digest] for one in program.outputs if not one.shape}
        names |= {one: f"(*{c_name(one)})" for one in whole - self.given.keys()}
        kinds = {name: "i" for name, kind in self.inputs if kind == "whole"}
        exact = frozenset(name for digest, name in scope.variables.items() if digest in scope.precise)
        self.scalars = Scalars(real, {}, names, kinds, exact=exact)
        self.loops = Loops(self.scalars)
        for variable, tensor in self.given.items():
            if tensor.digest not in scope.numbers:
                sizes = tuple(self.scalars.size(_size(size, scope)) for size in tensor.shape)
                self.scalars.buffers[variable] = Buffer(c_name(variable), sizes, self._type(tensor))

    def _kind(self, tensor: Tensor) -> str:
        name = self.scope.variables[tensor.digest]
        if tensor.digest in self.scope.numbers:
            maybe = any(name in _given_or_not(code) for code in self.codes)
            return "maybe" if maybe else "count" if tensor.domain.kind == "integer" else "number"
        return "mask" if tensor.domain.kind == "mask" else "whole" if tensor.domain.whole else "real"

    def _type(self, tensor: Tensor) -> str:
        if tensor.domain.kind == "mask":
            return "unsigned char"
        if tensor.domain.whole:
            return "int64_t"
        return "double" if tensor.digest in self.scope.precise else self.real

    def _flags(self) -> list[tuple[str, str]]:
        """Options that stand in conditions alone: words and flags."""
        found: dict[str, str] = {}
        for code in self.codes:
            words = {node.left.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Compare)
                     and isinstance(node.left, ast.Name) and isinstance(node.ops[0], ast.Eq)}  # fmt: skip
            for node in ast.walk(ast.parse(code)):
                if isinstance(node, ast.Name) and node.id not in self.given:
                    found[node.id] = "word" if node.id in words else "flag"
        return list(found.items())

    def _words(self) -> list[str]:
        """What words of options are, compared once."""
        found: dict[str, None] = {}
        for node in (node for code in self.codes for node in ast.walk(ast.parse(code))):
            match node:
                case ast.Compare(left=ast.Name(id=name), ops=[ast.Eq()], comparators=[ast.Constant(value=str(word))]):
                    own = c_name(name)
                    found[f'const int {is_word(own, word)} = strcmp({own}, "{word}") == 0;'] = None
        return list(found)

    def text(self) -> str:
        """The definition of the function."""
        statements = self.loops.statements(self.lines)
        nests = groups(statements, self.outputs)
        local = self._kept_by_row(nests)
        owned = [name for name in self.scalars.buffers if name not in self.given and name not in self.outputs]
        arrays = [name for name in owned if self.scalars.buffers[name].sizes]
        body = [line for group in nests for line in self._nest(group, local)]
        named = [c_name(one) for one in (*self.sizes, *(name for name, _ in self.inputs))]
        lines = ["int outside = 0;", *self._words(), *(f"(void){name};" for name in named)]
        lines += [line for name in arrays for line in self._allocated(name)]
        lines += [f"{self.scalars.buffers[name].type} {self.scalars.buffers[name].name} = 0;"
                  for name in owned if name not in arrays]  # fmt: skip
        lines += [f"(void){self.scalars.buffers[name].name};" for name in owned if name not in arrays]
        pointers = [self.scalars.buffers[name].name for name in arrays]
        if pointers:
            missing = " || ".join(f"{one} == NULL" for one in pointers)
            lines += [f"if ({missing}) {{", f"{INDENT}outside = -1;", f"{INDENT}goto done;", "}"]
        label = ["done:"] if pointers else []
        end = [*(f"free({one});" for one in pointers), "return outside;"]
        inner = [INDENT + line if line else "" for line in (*lines, *body)]
        return "\n".join([*self._head(), "{", *inner, *label, *(INDENT + line for line in end), "}", ""])

    def _allocated(self, name: str) -> list[str]:
        buffer = self.scalars.buffers[name]
        count = " * ".join(f"(size_t)({size})" for size in buffer.sizes)
        return [f"{buffer.type} *{buffer.name} = malloc((({count}) + 1) * sizeof({buffer.type}));"]

    def _kept_by_row(self, nests: Sequence[Sequence[Statement]]) -> set[str]:
        """Variables that one loop over rows alone reads: one row of them is kept."""
        found = set()
        for group in nests:
            made = {one.variable for one in group} - set(self.outputs)
            others = [one for other in nests if other is not group for one in other]
            read = {name for one in others for name in _loads(one)} | {one.variable for one in others}
            for name in made - read if len(group) > 1 else ():
                buffer = self.scalars.buffers[name]
                self.scalars.buffers[name] = replace(buffer, sizes=buffer.sizes[1:], rows=True)
                found.add(name)
        return found

    def _nest(self, group: Sequence[Statement], local: set[str]) -> list[str]:
        if len(group) == 1 and not local & {group[0].variable}:
            return self.loops.text(group, {})
        guards = {one.guard for one in group if one.guard}
        if len(guards) != 1:
            return self._rows(group)
        (guard,) = guards  # asked once, and not in every row: each loop is one that compilers put into vectors
        yes, no = ([replace(one, guard="") for one in group if not one.guard or one.otherwise is otherwise]
                   for otherwise in (False, True))  # fmt: skip
        lines = [f"if ({guard}) {{", *(INDENT + line for line in self._rows(yes)), "}"]
        return [*lines, "else {", *(INDENT + line for line in self._rows(no)), "}"] if no else lines

    def _rows(self, group: Sequence[Statement]) -> list[str]:
        """Statements that share their rows, in one loop over these."""
        heads, env = self.loops.nest(group[0].axes[:1], {})
        return self.loops.wrapped(heads, self.loops.text(group, env, skip=1))

    def _head(self) -> list[str]:
        given = [f"ptrdiff_t {c_name(size)}" for size in self.sizes]
        given += [self._argument(name, kind) for name, kind in self.inputs]
        for name in self.outputs:
            buffer = self.scalars.buffers[name]
            self.scalars.buffers[name] = replace(buffer, name=c_name(name))
            given.append(f"{buffer.type} *restrict {c_name(name)}")
        return [f"int {self.name}_{self.real}({', '.join(given)})"]

    def _argument(self, name: str, kind: str) -> str:
        own = c_name(name)
        plain = {"number": "double ", "count": "ptrdiff_t ", "flag": "int ", "word": "const char *",
                 "maybe": "const double *"}  # fmt: skip
        if kind in plain:
            return plain[kind] + own
        tensor = self.given[name]
        return f"const {self._type(tensor)} *{own}" if tensor.shape else f"{self._type(tensor)} {own}"


def _loads(one: Statement) -> set[str]:
    return set(loads(one.node))


def _given_or_not(code: str) -> set[str]:
    """The names that a condition asks whether they are given."""
    return {node.left.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Compare)
            and isinstance(node.left, ast.Name) and isinstance(node.ops[0], (ast.Is, ast.IsNot))}  # fmt: skip


def _size(size: Expr, scope: Scope) -> str:
    return size_text(size, scope)


def c_name(name: str) -> str:
    """A name of C for a name of Python: other characters by their numbers, and none that C or our loops have."""
    plain = "".join(one if one.isascii() else f"u{ord(one):x}" for one in name).replace(" ", "_")
    return f"{plain}_" if plain in KEYWORDS or re.fullmatch(r"i\d+", plain) else plain
