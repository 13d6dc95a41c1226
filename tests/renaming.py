"""Consistent renamings: of programs that are built from names, and of those that are there already."""

from dataclasses import replace
from itertools import cycle

import numpy as np
import sympy
from users_programs import Names

import symformer as sf
from symformer.notation import Add, Binder, Element, Var, replace_tensors, substitute, walk
from symformer.programs import Call, Definition, Program, Repeat
from symformer.typeset import text
from symformer.typeset.names import name_box

LETTERS = [*"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"]
GREEK = ["alpha", "beta", "gamma", "eta", "kappa", "lambda_", "mu", "rho", "sigma", "tau", "phi", "omega"]
WORDS = ["r", "k", "np", "sum", "exp", "lambda", "None", "real", "lead", "dtype", "rows", "math", "max", "self", "row",
         "query", "tokens", "print", "x1", "x_1", "W_Q", "is", "shapes", "typed", "at", "cotangent"]  # fmt: skip
POOL = list(dict.fromkeys([*LETTERS, *GREEK, *WORDS]))
PARTS = ["{}", "{}_2", "{}_3", "{}_at", "{}_rows", "{}_sum", "{}_scaled", "{}_near", "{}_rows_at", "ones_{}", "{}_"]
MADE = ["ones", "D", "dP", "scratch", "row_blocks", "in_range", "shifted_m", "blocks", "parts"]  # as passes name things


def draw(random, names):
    """Other names for these, one for one: from the pool, the same in another order, or as passes would call parts.

    No two of them print alike: x1 and x_1 do, and their author is told.
    """
    names = sorted(names)
    pool = random.choice([names, POOL, POOL, [*MADE, *(part.format(letter) for letter in "SOmx" for part in PARTS)]])
    found = random.sample(pool, len(names))
    while len({text(name_box(name)) for name in found}) < len(found):
        found = random.sample(pool, len(names))
    return dict(zip(names, found, strict=True))


class _Asked(Names):
    """Names as their author wrote them, each remembered."""

    def __init__(self):
        super().__init__()
        self.asked = set()

    def of(self, name):
        self.asked.add(name)
        return name


def names_in(build):
    """The names that a builder asks for."""
    asked = _Asked()
    build(asked)
    return asked.asked


def skeleton(formulas):
    """Formulas without names: tensors and sizes by the place at which they are first met, indices within their line."""
    seen = {}
    return [_Skeleton(seen).of(formula, {}) for formula in formulas]


class _Skeleton:
    def __init__(self, seen):
        self.seen, self.indices = seen, {}

    def of(self, node, bound):
        if isinstance(node, Binder):
            inside = {**bound, node.index: f"bound{len(bound)}"}
            return (type(node).__name__, self.size(node.size), self.of(node.body, inside))
        if isinstance(node, Var):
            return bound.get(node.symbol) or self.symbol(node.symbol)
        kids = tuple(self.of(kid, bound) for kid in node.kids)
        if isinstance(node, Add) and not any(isinstance(part, Element) for part in walk(node)):
            kids = tuple(sorted(kids, key=str))  # SymPy's own order of symbols, as in j − i + n
        if isinstance(node, Element):
            return ("entry", self.number("tensor", node.tensor.digest), *kids)
        return (type(node).__name__, tuple(str(part) for part in node.head), *kids)

    def symbol(self, symbol):
        if symbol.is_positive:
            return self.number("size", symbol)
        return self.indices.setdefault(symbol, f"index{len(self.indices)}")

    def number(self, kind, thing):
        return self.seen.setdefault((kind, thing), f"{kind}{len(self.seen)}")

    def size(self, size):
        return str(size.xreplace({one: sympy.Symbol(self.number("size", one)) for one in size.free_symbols}))


def values_for(program, seed=0):
    """Numbers for the inputs of a program, by their place: the same for each renaming."""
    sizes = _sizes(program)
    random = np.random.default_rng(seed)
    return [_array(tensor, sizes, random) for tensor in program.inputs]


def _sizes(program):
    """Different numbers for sizes, in the order in which the inputs have them."""
    numbers = cycle((3, 4, 2, 5, 6, 7))
    sizes = {}
    for tensor in program.inputs:
        for size in tensor.shape:
            for symbol in sorted(size.free_symbols, key=lambda one: one.name):
                if symbol not in sizes:
                    sizes[symbol] = next(numbers)
    return sizes


def _array(tensor, sizes, random):
    shape = tuple(int(size.subs(sizes)) for size in tensor.shape)
    kind = tensor.domain.kind
    if kind == "integer":
        upper = tensor.domain.upper  # its sizes may be those that no axis has, which a test gives as 4
        return random.integers(0, int(upper.subs({**dict.fromkeys(upper.free_symbols, 4), **sizes})), shape)
    if kind == "permutation":
        return random.permuted(np.broadcast_to(np.arange(shape[-1]), shape), axis=-1)
    if kind == "mask":
        bits = random.integers(0, 2, shape).astype(bool)
        bits[..., 0] = True
        return bits
    array = random.normal(size=shape)
    return np.exp(array) if kind in ("positive", "nonnegative") else array


def renamed(program, random):
    """The same program under other names: its inputs, sizes, indices, definitions."""
    names = [tensor.name for tensor in (*program.inputs, *program.statements)]
    sizes = sorted(program.sizes, key=lambda one: one.name)
    fresh = random.sample(POOL, min(len(POOL), len(set(names)) + len(sizes)))
    return _Renaming(random, dict(zip(sizes, fresh, strict=False)), fresh[len(sizes) :]).of(program)


class _Renaming:
    def __init__(self, random, sizes, names):
        self.random = random
        self.sizes = {old: sympy.Symbol(new, integer=True, positive=True) for old, new in sizes.items()}
        self.names, self.done = iter(names), {}

    def of(self, program):
        return Program(tuple(map(self.tensor, program.inputs)), tuple(map(self.tensor, program.outputs)))

    def tensor(self, tensor):
        if tensor.digest not in self.done:
            self.done[tensor.digest] = self._tensor(tensor)
        return self.done[tensor.digest]

    def _tensor(self, tensor):
        shape = tuple(size.subs(self.sizes, simultaneous=True) for size in tensor.shape)
        domain = tensor.domain
        if domain.upper is not None:
            domain = replace(domain, upper=domain.upper.subs(self.sizes, simultaneous=True))
        origin = self._origin(tensor.origin)
        name = next(self.names, f"{tensor.name}_2")
        return replace(tensor, name=name, shape=shape, domain=domain, origin=origin, label=tensor.label)

    def _body(self, body):
        return _other_letters(substitute(replace_tensors(body, self.tensor), self.sizes), self.random)

    def _origin(self, origin):
        if isinstance(origin, Definition):
            letters = self.random.sample(LETTERS, len(origin.indices))
            taken = {symbol.name for symbol in self.sizes.values()}
            letters = [letter if letter not in taken else f"{letter}_9" for letter in letters]
            moved = origin.at([sf.indices(letter) for letter in letters])
            return moved.map(
                lambda body: _other_letters(substitute(replace_tensors(body, self.tensor), self.sizes), self.random)
            )
        if isinstance(origin, Call):
            return replace(
                origin,
                arguments=tuple(map(self.tensor, origin.arguments)),
                textbook=self.tensor(origin.textbook),
                stable=self.tensor(origin.stable),
            )
        assert origin is None, f"{type(origin).__name__} is renamed by its builder"
        return None


def _other_letters(node, random):
    """Bound indices under other letters."""
    kids = tuple(_other_letters(kid, random) for kid in node.kids)
    node = node.rebuild(kids) if kids else node
    if isinstance(node, Binder):
        index, body = node.open(random.choice(LETTERS))
        return type(node)((body,), (index, node.size))
    return node


def has_repeats(program):
    """Whether a program repeats a layer: its names are given where it is built."""
    return any(isinstance(one.origin, Repeat) for one in program.statements)
