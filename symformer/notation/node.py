"""The written form: expressions that keep the order in which their author wrote them.

Two ways were tried on five lines of the softmax chapter. SymPy nodes built with `evaluate=False` lose their order as
soon as anything touches them (and put a stray 1 inside `Sum`). Nodes of our own that *are* `sympy.Expr`, have the
highest operator priority and turn into plain SymPy exactly where SymPy sympifies (`__sympy__ = None` with `_sympy_`)
keep the order among themselves and still work in `exp`, `subs`, `diff`, `Matrix` and `latex`. The second way it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, ClassVar, NamedTuple

import sympy
from sympy import Expr, Symbol

from symformer.notation.errors import NotationError
from symformer.notation.plainly import Plainly, plainly
from symformer.notation.ranges import Range, merge_ranges
from symformer.typeset import Box, latex, text
from symformer.typeset.boxes import parens

# How tightly a layout holds together: a looser one inside a tighter place gets brackets.
LOOSE, ADD, BIG, MUL, POWER, ATOM = range(6)


Choice = Callable[[str, Expr, frozenset[str]], str]


class Layout(NamedTuple):
    """A box and how tightly it holds together."""

    box: Box
    level: int


class Node(Plainly):
    """An expression in index notation, kept as written; `sympy.sympify` gives its plain SymPy form.

    Subclasses say what their parts are (`kids`, `head`), how to put them together again (`rebuild`), how they look
    (`arrange`) and what they are in plain SymPy (`plain`). Instances are immutable; equal digests mean equal, and two
    expressions that differ in the letters of bound indices alone are equal.
    """

    __slots__ = ("_digest", "_free", "head", "kids", "ranges")
    __sympy__: ClassVar[None] = None
    __array_ufunc__: ClassVar[Any] = None
    _op_priority = 1000.0
    is_commutative = True

    head: tuple[Any, ...]
    kids: tuple[Node, ...]
    _digest: str | None
    _free: frozenset[Symbol] | None
    ranges: Mapping[Symbol, Range]

    def __new__(cls, kids: tuple[Node, ...] = (), head: tuple[Any, ...] = ()) -> Any:
        node = object.__new__(cls)
        node._assumptions = cls.default_assumptions
        node._mhash = None
        node._digest = None
        node._free = None
        node.kids, node.head = kids, head
        node.ranges = node.index_ranges()
        return node

    # -- what a subclass says -------------------------------------------------------------------------------------

    def rebuild(self, kids: tuple[Node, ...]) -> Node:
        """The same node over other parts."""
        return type(self)(kids, self.head)

    def arrange(self) -> Layout:
        """How it looks on paper, its bound indices under the letters that they have."""
        raise NotImplementedError(type(self).__name__)

    def plain(self) -> Expr:
        """The expression in plain SymPy."""
        raise NotImplementedError(type(self).__name__)

    def index_ranges(self) -> Mapping[Symbol, Range]:
        """The free indices and what they run over.

        Raises:
            ShapeError: two tensors give one index different sizes.
        """
        return merge_ranges(*(kid.ranges for kid in self.kids))

    # -- letters --------------------------------------------------------------------------------------------------

    @property
    def free(self) -> frozenset[Symbol]:
        """The index and size symbols that are not bound in it."""
        if self._free is None:
            self._free = self._free_symbols()
        return self._free

    def _free_symbols(self) -> frozenset[Symbol]:
        return frozenset().union(*(kid.free for kid in self.kids))

    def at(self, values: Mapping[Symbol, Node]) -> Any:
        """The expression with index and size symbols replaced. Nothing is captured: a bound index equals no other."""
        if self.free.isdisjoint(values):
            return self
        return self.rebuild(tuple(kid.at(values) for kid in self.kids))

    def lettered(self, used: frozenset[str], choose: Choice | None = None) -> Any:
        """The same expression, with a letter for each bound index that is not in use where it stands.

        Args:
            used: names that stand for something else around it.
            choose: gives another letter for one that is in use: by its size, and the names in use.
        """
        kids = tuple(kid.lettered(used, choose) for kid in self.kids)
        unchanged = all(new is old for new, old in zip(kids, self.kids, strict=True))
        return self if unchanged else self.rebuild(kids)

    def layout(self, used: Iterable[str] = ()) -> Layout:
        """How it looks on paper; no bound index has the letter of anything else, nor one of those that are in use."""
        return self.as_printed(used).arrange()

    def as_printed(self, used: Iterable[str] = ()) -> Any:
        """The expression under the letters that are printed."""
        names = (symbol.name for symbol in self.free)
        return self.lettered(self.number_names().union(names, used))

    def number_names(self) -> frozenset[str]:
        """The names of tensors without axes in it: they are printed by themselves, as sizes are."""
        return frozenset().union(*(kid.number_names() for kid in self.kids))

    # -- identity -------------------------------------------------------------------------------------------------

    @property
    def digest(self) -> str:
        """A content hash: equal for expressions that are equal up to the letters of bound indices."""
        if self._digest is None:
            self._digest = self._hashed({})
        return self._digest

    def digest_under(self, bound: Mapping[Symbol, str]) -> str:
        """The hash under binders, each of whose indices is called by its depth."""
        return self.digest if self.free.isdisjoint(bound) else self._hashed(bound)

    def _hashed(self, bound: Mapping[Symbol, str]) -> str:
        content = [
            type(self).__name__,
            *(_content(part, bound) for part in self.head),
            *(kid.digest_under(bound) for kid in self.kids),
        ]
        return hashlib.blake2b("\x1f".join(content).encode(), digest_size=16).hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Node) and self.digest == other.digest

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self.digest)

    def _hashable_content(self) -> tuple[Any, ...]:
        return (self.digest,)

    def __getnewargs__(self) -> tuple[Any, ...]:
        return self.kids, self.head

    def __reduce_ex__(self, protocol: Any) -> Any:
        return type(self), self.__getnewargs__()

    # -- at SymPy's border ----------------------------------------------------------------------------------------

    def _sympy_(self) -> Expr:
        return self.plain()

    @property
    def free_symbols(self) -> set[Symbol]:
        return self.plain().free_symbols

    def subs(self, *args: Any, **kwargs: Any) -> Expr:
        """As SymPy's `subs`, on the plain form; bound indices give way to symbols that come in."""
        given = plainly(args)
        return self.lettered(_names_in(given)).plain().subs(*given, **kwargs)

    def xreplace(self, rule: Any) -> Expr:
        """As SymPy's `xreplace`, on the plain form; bound indices give way to symbols that come in."""
        plain = {sympy.sympify(old): sympy.sympify(new) for old, new in dict(rule).items()}
        return self.lettered(_names_in(plain)).plain().xreplace(plain)

    def replace(self, *args: Any, **kwargs: Any) -> Expr:
        """As SymPy's `replace`, on the plain form; bound indices give way to symbols that come in."""
        given = plainly(args)
        return self.lettered(_names_in(given)).plain().replace(*given, **kwargs)

    def diff(self, *symbols: Any, **assumptions: Any) -> Expr:
        """As SymPy's `diff`, on the plain form; `sf.diff` writes a derivative down instead.

        Raises:
            NotationError: a tensor in it is computed from what it is differentiated by, which SymPy does not know.
        """
        given = plainly(symbols)
        self.check_independent(given)
        return self.plain().diff(*given, **assumptions)

    def check_independent(self, given: Iterable[Any]) -> None:
        """SymPy takes every tensor as independent: it would say 0 for the derivative of what is computed."""
        moved = [one.tensor for one in map(_carrier, given) if one is not None]
        for part in walk(self):
            for tensor in part.head:
                if hasattr(tensor, "depends_on") and any(map(tensor.depends_on, moved)):
                    raise NotationError(
                        f"{tensor.name} is computed from what {self} is differentiated by: use sf.gradient or sf.diff, "
                        f"or .expr, which is in terms of the inputs"
                    )

    def doit(self, **hints: Any) -> Expr:
        """As SymPy's `doit`, on the plain form."""
        return self.plain().doit(**hints)

    def _latex(self, printer: Any = None) -> str:
        return latex(self.layout().box)

    def _sympystr(self, printer: Any = None) -> str:
        return text(self.layout().box)

    def __str__(self) -> str:
        return self._sympystr()

    __repr__ = __str__
    _sympyrepr = _sympystr

    def _pretty(self, printer: Any) -> Any:
        return printer._print(Symbol(self._sympystr()))

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self._latex()}$"


def _content(part: Any, bound: Mapping[Symbol, str]) -> str:
    """What a part of the head adds to the digest."""
    if isinstance(part, Symbol) and part in bound:
        return bound[part]
    return exactly(part) if isinstance(part, Expr) else str(getattr(part, "digest", None) or part)


@lru_cache(maxsize=1 << 12)
def exactly(size: Expr) -> str:
    """A size, number or symbol as text in which two symbols of one name and other assumptions differ."""
    return sympy.srepr(size)


def _names_in(given: Any) -> frozenset[str]:
    """The names of the symbols of all expressions among the arguments of a method."""
    if isinstance(given, Mapping):
        return _names_in((*given.keys(), *given.values()))
    if isinstance(given, (tuple, list, set)):
        return frozenset().union(*map(_names_in, given))
    plain = isinstance(given, (sympy.Basic, str, int))
    return frozenset(symbol.name for symbol in sympy.sympify(given).free_symbols) if plain else frozenset()


def _carrier(given: Any) -> Any:
    """What stands for a tensor in plain SymPy, or None."""
    base = getattr(given, "base", given)
    return base if hasattr(base, "tensor") else None


def setting(node: Node, level: int) -> Box:
    """The node's box, in brackets where it holds together less tightly than its place asks."""
    box, own = node.arrange()
    return parens(box) if own < level else box


def parts(node: Node) -> int:
    """How many parts `walk` gives, without a walk: what stands there twice may be one object, nested many times."""
    found: dict[int, int] = {}
    waiting = [node]
    while waiting:
        part = waiting[-1]
        open_ = [kid for kid in part.kids if id(kid) not in found]
        if open_:
            waiting += open_
        else:
            found[id(part)] = 1 + sum(found[id(kid)] for kid in part.kids)
            waiting.pop()
    return found[id(node)]


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, parents first."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        yield part
        waiting.extend(reversed(part.kids))
