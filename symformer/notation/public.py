"""The door to what users call: whatever goes wrong with the arguments is one line with culprit and cure.

Our own errors say what is wrong and pass as they are, and so does what a user's own code raises, which we may call.
All else (an argument that there is not, one of a type that has no meaning) becomes a `CallError`: the function, the
argument, what it takes. The original stays as its cause. Where all goes well a call costs one more frame.
"""

from __future__ import annotations

import os.path
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from difflib import get_close_matches
from functools import cache, wraps
from inspect import Parameter, Signature, isclass, isfunction, signature, unwrap
from pathlib import Path
from reprlib import Repr
from sysconfig import get_paths
from types import SimpleNamespace, TracebackType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from symformer.notation.errors import NotationError

C = TypeVar("C", bound=type)
FOREIGN = (TypeError, AttributeError, ValueError, LookupError, ArithmeticError, AssertionError, RecursionError)
HOME = str(Path(__file__).resolve().parent.parent) + os.path.sep
LIBRARIES = tuple(path + os.path.sep for path in {*get_paths().values()})
CALLED = ("__init__", "__call__")  # what a class, or one of it, is called through
LONGEST = 60  # characters of an argument in a message
PRINTER = Repr()
PRINTER.maxother = PRINTER.maxstring = PRINTER.maxlong = LONGEST
_inside = threading.local()


class CallError(NotationError, TypeError):
    """A call with arguments that the function does not take."""


def public_room(names: dict[str, Any], shown: Iterable[str]) -> None:
    """The names of a room, each of which answers for its arguments."""
    for name in shown:
        names[name] = answering(names[name], name, names["__name__"])


def answering(value: Any, name: str, home: str) -> Any:
    """A public function or class, which answers for its arguments; anything else as it is."""
    if isclass(value):
        return value if issubclass(value, BaseException) else answering_class(value)
    return _function(value, name, home) if isfunction(value) else value


def _function(function: Callable[..., Any], name: str, home: str) -> Callable[..., Any]:
    """The function, found and pickled by the name that users call it by."""
    asked = _guarded(function, name)
    asked.__module__, asked.__qualname__ = home, name
    return asked


def _guarded(function: Callable[..., Any], title: str) -> Callable[..., Any]:
    @wraps(function)
    def asked(*args: Any, **options: Any) -> Any:
        try:
            return function(*args, **options)
        except FOREIGN as error:
            if _speaks_for_itself(error):
                raise
            raise CallError(_said(title, function, args, options, error)) from error

    return asked


def answering_class(found: C) -> C:
    """The class, whose making and public methods answer for their arguments; not where we call them ourselves."""
    for base in found.__mro__:
        for name, method in list(vars(base).items()):
            ours = base.__module__.startswith("symformer.") and isfunction(method)
            if ours and (name in CALLED or not name.startswith("_")) and not hasattr(method, "asked"):
                title = found.__name__ if name in CALLED else f"{base.__name__}.{name}"
                setattr(base, name, _outermost(method, title))
    return found


def _outermost(method: Callable[..., Any], title: str) -> Callable[..., Any]:
    """The method, guarded where the call comes from outside: within a guarded call all is as it was."""
    guarded = _guarded(method, title)

    @wraps(method)
    def asked(*args: Any, **options: Any) -> Any:
        if getattr(_inside, "call", False):
            return method(*args, **options)
        _inside.call = True
        try:
            return guarded(*args, **options)
        finally:
            _inside.call = False

    asked.asked = True  # type: ignore[attr-defined]
    return asked


def _speaks_for_itself(error: Exception) -> bool:
    """Whether an error is one of ours, or was raised below code that is neither ours nor a library's: a user's."""
    if type(error).__module__.startswith("symformer") and "\n" not in str(error):
        return True
    return any(not name.startswith((HOME, *LIBRARIES, "<")) for name in _files(error.__traceback__))


def _files(trace: TracebackType | None) -> Iterator[str]:
    while trace is not None:
        yield trace.tb_frame.f_code.co_filename
        trace = trace.tb_next


def _said(
    title: str, function: Callable[..., Any], args: tuple[Any, ...], options: Mapping[str, Any], error: Exception
) -> str:
    known = signature(function)
    takes = f"it takes {_parameters(known)}"
    try:
        bound = known.bind(*args, **options)
    except TypeError as wrong:
        return f"{title}: {_unbound(known, options) or wrong}; {takes}"
    hints = _hints(function)
    for name, value in bound.arguments.items():
        if known.parameters[name].kind in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD) or name == "self":
            continue
        if not _fits(value, hints.get(name, Any)):
            return f"{title}: {name} is {_short(value)}, of type {type(value).__name__}; {takes}"
    given = ", ".join([*map(_short, _positional(known, args)), *(f"{k}={_short(v)}" for k, v in options.items())])
    return f"{title}({given}): {_cut(str(error) or type(error).__name__, 2 * LONGEST)}; {takes}"


def _positional(known: Signature, args: tuple[Any, ...]) -> tuple[Any, ...]:
    return args[1:] if next(iter(known.parameters), "") == "self" else args


def _unbound(known: Signature, options: Mapping[str, Any]) -> str:
    """What is said of a keyword that there is not, with the nearest that there is."""
    names = [name for name, one in known.parameters.items() if one.kind is not Parameter.VAR_POSITIONAL]
    unknown = [name for name in options if name not in names]
    if not unknown:
        return ""
    near = get_close_matches(unknown[0], names, 1)
    return f"no argument is called {unknown[0]}" + (f" (did you mean {near[0]}?)" if near else "")


def _parameters(known: Signature) -> str:
    """`(x: Tensor, axis: int = -1)`: the cure."""
    named = [one for name, one in known.parameters.items() if name != "self"]
    shown = Signature([one.replace(annotation=_Plain(one.annotation)) for one in named])
    return _cut(str(shown), 3 * LONGEST) if named else "nothing"


class _Plain:
    """An annotation, which prints without quotes."""

    def __init__(self, annotation: Any) -> None:
        self.annotation = annotation

    def __repr__(self) -> str:
        return "Any" if self.annotation is Parameter.empty else str(self.annotation)


@cache
def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    """The annotated types, but for those that only the type checker knows."""
    out: dict[str, Any] = {}
    whole = unwrap(function)
    for name, text in whole.__annotations__.items():
        with suppress(NameError, TypeError, AttributeError):
            out |= get_type_hints(SimpleNamespace(__annotations__={name: text}), whole.__globals__)
    return out


def _fits(value: Any, hint: Any) -> bool:
    """Whether a value may be of an annotated type, as far as its outside tells."""
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        return any(_fits(value, one) for one in get_args(hint))
    if origin is Literal:
        return value in get_args(hint)
    if hint is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if hint is None:
        return value is None
    kind = origin or hint
    if kind is Any:
        return True
    return isinstance(value, kind) if isclass(kind) else True


def _short(value: Any) -> str:
    """An argument on one line, cut; what a user's object raises where it is printed is no concern of ours."""
    return _cut(PRINTER.repr(value), LONGEST)


def _cut(text: str, longest: int) -> str:
    """A text on one line, cut."""
    text = " ".join(text.split())
    return text if len(text) <= longest else text[: longest - 1] + "…"
