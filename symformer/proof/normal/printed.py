"""Normal forms in words: what both sides of a proved line come to."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import count

from symformer.proof.normal.atoms import Atom, Poly, Term, letters_of_poly
from symformer.proof.normal.indices import Affine, Index, Monomial, Pick

LONGEST = 300
LETTERS = "klpqrstuvw"  # no letters that sizes are called by


def printed(poly: Poly) -> str:
    """A normal form as a line of text; a long one is cut."""
    text = _poly(poly, {}, _unused(poly))
    return text if len(text) <= LONGEST else text[:LONGEST].rstrip() + " …"


Names = Mapping[str, str]


def _unused(poly: Poly) -> list[str]:
    free = letters_of_poly(poly)
    numbered = (f"k{number}" for number in count(1))
    spare = [letter for letter in LETTERS if letter not in free]
    return spare + [next(numbered) for _ in range(20)]


def _poly(poly: Poly, names: Names, spare: list[str]) -> str:
    terms = sorted(((_term(term, names, spare), value) for term, value in poly.items()), key=lambda item: item[0])
    out = ""
    for body, value in terms:
        sign = ("−" if value < 0 else "") if not out else (" − " if value < 0 else " + ")
        size = abs(value)
        out += sign + (body if size == 1 and body else f"{size} {body}".strip() if body else str(size))
    return out or "0"


def _term(term: Term, names: Names, spare: list[str]) -> str:
    return " ".join(_power(atom, power, names, spare) for atom, power in term)


def _power(atom: Atom, power: Fraction, names: Names, spare: list[str]) -> str:
    if atom.kind in ("exp", "cis"):
        inner = _term(atom.parts[0], names, spare)
        factor = "" if power == 1 else "−" if power == -1 else f"{power} "
        return f"exp({'i ' if atom.kind == 'cis' else ''}{factor}{inner})".replace("−1 ", "−")
    body = _atom(atom, names, spare)
    return body if power == 1 else f"{body}^{power if power >= 0 and power.denominator == 1 else f'({power})'}"


def _atom(atom: Atom, names: Names, spare: list[str]) -> str:
    match atom.kind:
        case "entry":
            tensor, indices = atom.parts
            return tensor.name + (f"[{_indices(indices, names)}]" if indices else "")
        case "size":
            return str(atom.parts[0])
        case "pi":
            return "π"
        case "unit":
            return "i"
        case "index":
            return _index(atom.parts[0], names)
        case "delta":
            return f"δ[{_indices(atom.parts, names)}]"
        case "below":
            return f"[{_index(atom.parts[0], names)} ≤ {_index(atom.parts[1], names)}]"
        case "sum":
            return _bound("Σ", [name for name, _ in atom.parts[0]], {atom.parts[1]: Fraction(1)}, names, spare)
        case "max":
            return _bound("max", [atom.parts[0]], atom.parts[2], names, spare)
        case "poly":
            return f"({_poly(atom.parts[0], names, spare)})"
        case "dark":
            return f"hide({_poly(atom.parts[0], names, spare)})"
    return f"{atom.parts[0]}({_poly(atom.parts[1], names, spare)})"


def _bound(sign: str, bound: list[str], body: Poly, names: Names, spare: list[str]) -> str:
    inside = {**names, **dict(zip(bound, spare, strict=False))}
    return f"({sign}_{''.join(spare[: len(bound)])} {_poly(body, inside, spare[len(bound) :])})"


def _indices(indices: tuple[Index, ...], names: Names) -> str:
    return ",".join(_index(index, names) for index in indices)


def _index(index: Index, names: Names) -> str:
    if isinstance(index, Pick):
        return f"{index.tensor.name}[{_indices(index.indices, names)}]"
    if isinstance(index, Affine):
        return "".join(_counted(one, count, names) for one, count in index.terms).removeprefix("+")
    return names.get(index, index) if isinstance(index, str) else str(index)


def _counted(one: Monomial, count: int, names: Names) -> str:
    factors = [*(_index(letter, names) for letter in one.letters), *map(str, one.sizes)]
    number = [] if factors and abs(count) == 1 else [str(abs(count))]
    return f"{'+' if count > 0 else '−'}{' '.join([*number, *factors])}"
