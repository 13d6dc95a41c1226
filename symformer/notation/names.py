"""Names are data: what a name may look like, checked where it is given, and what it is called in Python.

A name is printed in LaTeX, MathML and text, stands in comments and docstrings of generated code and becomes a variable
there. So it consists of characters that mean the same in all of these, and nothing downstream has to trust it.
"""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Collection
from functools import lru_cache
from typing import Any

import sympy
from sympy import Expr, Symbol

from symformer.notation.errors import NotationError
from symformer.typeset.names import GREEK

LETTERS = "A-Za-z" + "".join(sorted(set(GREEK.values())))
NAME = re.compile(f"[{LETTERS}_][{LETTERS}0-9_]*'*")
TITLE = re.compile(rf"[{LETTERS}0-9 .,:;()+\-−–/&]+")
ALLOWED = "a name is letters (Latin or Greek), digits and underscores, no digit first, with primes only at the end"
TITLE_ALLOWED = "a title is one line of letters, digits, spaces and . , : ; ( ) + - / &"
RESERVED = frozenset({*dir(builtins), *keyword.kwlist, *keyword.softkwlist})
WORDS = {letter: word for word, letter in reversed(GREEK.items())}  # ε is epsilon, not eps
LONGEST_SHOWN = 40


@lru_cache(maxsize=4096)
def is_name(name: str) -> bool:
    """Whether a string is a name."""
    return NAME.fullmatch(name) is not None


def checked_name(name: Any, what: str) -> str:
    """The name itself, where it is one.

    Args:
        name: what the author gives.
        what: what it is to be the name of, for the error: `tensor`, `size`.

    Raises:
        NotationError: it is no string, or holds what no name may hold; the error says what is allowed, and proposes.
    """
    if not isinstance(name, str):
        raise NotationError(f"the name of a {what} is a string, not {_shown(name)}")
    if not is_name(name):
        cure = _proposed(name)
        raise NotationError(f"{what} name {_shown(name)}: {ALLOWED}" + (f"; write {cure}" if cure else ""))
    return name


def checked_symbol(symbol: Any, what: str) -> Symbol:
    """The SymPy symbol itself, where it is one and has a name.

    Raises:
        NotationError: it is no symbol, or its name is none.
    """
    if not isinstance(symbol, Symbol):
        raise NotationError(f"expected the symbol of a {what}, as {_maker(what)} gives it, not {_shown(symbol)}")
    checked_name(symbol.name, what)
    return symbol


def checked_size(size: Any, what: str = "size") -> Expr:
    """A size as an exact SymPy expression whose letters have names.

    Raises:
        NotationError: it is a string, or no expression.
    """
    exact = None if isinstance(size, str) else sympy.sympify(size)
    if not isinstance(exact, Expr):
        raise NotationError(f"a {what} is a whole number or made of symbols that sf.sizes gives, not {_shown(size)}")
    for symbol in exact.free_symbols:
        checked_name(symbol.name, what)
    return exact


def checked_title(title: Any) -> str:
    """What a layer is called, itself.

    Raises:
        NotationError: it is empty, has several lines, or holds quotes or signs of a markup language.
    """
    if not isinstance(title, str) or not TITLE.fullmatch(title) or not title.strip():
        raise NotationError(f"title {_shown(title)}: {TITLE_ALLOWED}")
    return title


def symbols_named(names: Any, what: str, **assumptions: bool) -> Any:
    """SymPy symbols of these names, with spaces or commas between; one name gives one symbol, as in `sympy.symbols`.

    Raises:
        NotationError: there is no name, or one that is none.
    """
    if isinstance(names, str) and (not names.replace(",", " ").split() or len(f"{names}.".splitlines()) > 1):
        raise NotationError(f"{what} names {_shown(names)}: expected names on one line with spaces between; {ALLOWED}")
    try:
        made = sympy.symbols(names, **assumptions)
    except (ValueError, TypeError) as error:
        raise NotationError(f"{what} names {_shown(names)}: {error}; {ALLOWED}") from None
    for symbol in made if isinstance(made, (tuple, list)) else (made,):
        checked_symbol(symbol, what)
    return made


def python_name(name: str, taken: Collection[str] = ()) -> str:
    """A Python identifier of ASCII letters for an allowed name: no keyword, no builtin, none of those taken.

    Greek letters are spelled, primes go, and underscores are added until nothing else is called so. Whoever writes
    code in another language passes what is reserved there as taken.
    """
    spelled = "".join(WORDS.get(letter, letter) for letter in name.rstrip("'"))
    plain = re.sub(r"\W", "_", spelled, flags=re.ASCII)
    found = plain if plain.isidentifier() else f"_{plain}"
    if not found.strip("_"):
        found = f"name{found}"
    elif found.startswith("__") and found.endswith("__"):
        found = found.strip("_") + "_"  # what Python calls so has a meaning of its own
    while found in RESERVED or found in taken:
        found += "_"
    return found


def joined_name(*parts: object) -> str:
    """Names as one, with underscores between and all primes at the end: `dh'` and `a` give `dh_a'`."""
    texts = [str(part) for part in parts]
    primes = sum(len(text) - len(text.rstrip("'")) for text in texts)
    return "_".join(text.rstrip("'") for text in texts) + "'" * primes


def one_line(text: str) -> str:
    """Text as it may stand in a comment or docstring of generated code: one line, that ends neither of them."""
    flat = " ".join(text.split())
    return "".join(letter if letter.isprintable() else " " for letter in flat).replace("\\", "∖").replace('"', "″")


def _maker(what: str) -> str:
    return "sf.sizes" if what == "size" else "sf.indices"


def _shown(value: Any) -> str:
    """A value on one line, cut where it is long."""
    found = ascii(value) if isinstance(value, str) else " ".join(str(value).split())
    return found if len(found) <= LONGEST_SHOWN else found[: LONGEST_SHOWN - 1] + "…"


def _proposed(name: str) -> str:
    """The name with an underscore for what it may not hold; empty where nothing is left of it."""
    stem = name.rstrip("'")
    plain = re.sub("_+", "_", re.sub(f"[^{LETTERS}0-9_]+", "_", stem)).strip("_")
    return (f"_{plain}" if plain[:1].isdigit() else plain)[:LONGEST_SHOWN]
