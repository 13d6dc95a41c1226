"""What may be said of the entries of a tensor besides their kind, checked where it is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import sympy
from sympy import Expr

from symformer.notation.errors import NotationError

SAID = {
    "integer": ("lower", "upper"),
    "interval": ("lower", "upper"),
    "permutation": ("upper",),
    "mask": ("sees",),
    "random": ("moments",),
}


def checked_domain(name: str, kind: str, domain: Mapping[str, Any], kinds: Sequence[str]) -> dict[str, Any]:
    """The words of a domain, exact.

    Raises:
        NotationError: a word does not belong to the kind, or says no number; the tensor is named.
    """
    for word in domain:
        if word not in SAID.get(kind, ()):
            raise NotationError(f"tensor {name}: {_unknown(word, kind, kinds)}")
    found = dict(domain)
    for end in ("lower", "upper"):
        if found.get(end) is not None:
            found[end] = _exact(found[end], f"tensor {name}: {end}")
    if "sees" in found and type(found["sees"]) is not bool:
        raise NotationError(f"tensor {name}: sees: expected True or False, got {found['sees']!r}")
    if "moments" in found:
        found["moments"] = _moments(name, found["moments"])
    return found


def _unknown(word: str, kind: str, kinds: Sequence[str]) -> str:
    """What is wrong with a word, and the cure."""
    homes = [f'kind="{home}"' for home, words in SAID.items() if word in words]
    if homes:
        return f'{word} belongs to {" or ".join(homes)}, not to kind="{kind}"'
    if word in kinds:
        return f'{word} is a kind: write kind="{word}" in place of {word}=…'
    return f"there is no option {word}; expected lower, upper, sees, moments, or kind, one of {', '.join(kinds)}"


def _exact(value: Any, what: str) -> Expr:
    """A number, or an expression of sizes."""
    if not isinstance(value, (bool, str)):
        with suppress(sympy.SympifyError, TypeError, ValueError, AttributeError):
            found = sympy.sympify(value)
            if isinstance(found, Expr) and found.is_extended_real is not False:
                return found
    raise NotationError(f"{what}: expected a number, or an expression of sizes, got {value!r}")


def _moments(name: str, moments: Any) -> tuple[tuple[int, Expr], ...]:
    """Orders with their moments, in order."""
    if not isinstance(moments, Mapping) or any(type(order) is not int or order < 1 for order in moments):
        raise NotationError(
            f"tensor {name}: moments: expected {{order: E[x^order]}} with whole orders, got {moments!r}"
        )
    return tuple((order, _exact(moments[order], f"tensor {name}: moment {order}")) for order in sorted(moments))
