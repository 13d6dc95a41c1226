"""An `Expr` that answers every question of SymPy's as its plain form would."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import sympy
from sympy import Basic, Expr

# What SymPy reads off a class, or what an expression kept as written has of its own.
OWN = frozenset({
    "args", "class_key", "compare", "copy", "default_assumptions", "diff", "doit", "free_symbols", "fromiter", "func",
    "is_commutative", "replace", "subs", "taylor_term", "xreplace",
})  # fmt: skip


class SameParts:
    """Puts an expression together again: the same parts give the expression itself, others what SymPy makes of them."""

    __slots__ = ("whole",)

    def __init__(self, whole: Plainly) -> None:
        self.whole = whole

    def __call__(self, *parts: Any) -> Any:
        """The expression of these parts."""
        plain = self.whole.plain()
        given = tuple(map(sympy.sympify, parts))
        return self.whole if given == plain.args else plain.func(*given)

    def __eq__(self, other: object) -> bool:
        own = self.whole.plain().func
        return bool(own == (other.whole.plain().func if isinstance(other, SameParts) else other))

    def __hash__(self) -> int:
        return hash(self.whole.plain().func)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.whole.plain().func, name)


class Plainly(Expr):
    """Delegates to `plain()` what is not said otherwise; its parts, to SymPy, are those of the plain form."""

    __slots__ = ()

    def plain(self) -> Expr:
        """The expression in plain SymPy."""
        raise NotImplementedError(type(self).__name__)

    @property
    def args(self) -> tuple[Basic, ...]:
        """The parts of the plain form: what SymPy walks over."""
        return self.plain().args

    @property
    def func(self) -> Any:
        """`e.func(*e.args)` is e."""
        return SameParts(self)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            if name.startswith("_"):
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            return getattr(self.plain(), name)


def plainly(value: Any) -> Any:
    """An argument of a method, with expressions kept as written in their plain form."""
    if isinstance(value, Plainly):
        return value.plain()
    if isinstance(value, dict):
        return {plainly(key): plainly(one) for key, one in value.items()}
    return type(value)(map(plainly, value)) if type(value) in (list, tuple, set) else value


def _method(name: str) -> Callable[..., Any]:
    def method(self: Plainly, *args: Any, **options: Any) -> Any:
        return getattr(self.plain(), name)(*map(plainly, args), **plainly(options))

    method.__name__, method.__doc__ = name, f"As SymPy's `{name}`, on the plain form."
    return method


def _question(name: str) -> property:
    return property(lambda self: getattr(self.plain(), name), doc=f"As SymPy's `{name}`, of the plain form.")


for _name in dir(Expr):
    if not _name.startswith("_") and _name not in OWN:
        setattr(Plainly, _name, _method(_name) if callable(getattr(Expr, _name)) else _question(_name))
