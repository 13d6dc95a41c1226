"""What a form is made of, and whether it names entries, rows or columns that matrix notation does not know."""

from __future__ import annotations

from sympy import Symbol

from symformer.display.matrices import Array, Matrix, Scalar
from symformer.notation import Const, Delta, Element, Indicator, Var, Written, walk


def names_entries(form: Matrix) -> bool:
    """Whether a form mixes in entries, rows or columns of arrays, which matrix notation does not know.

    A label, such as a head, chooses one of several matrices; then it may also choose a vector (α_h) or a number.
    """
    parts = every_part(form)
    numbers = [part.value for part in parts if isinstance(part, Scalar)]
    entries = [inner for number in numbers for inner in walk(number) if isinstance(inner, (Element, Delta, Indicator))]
    places = [kid for entry in entries if isinstance(entry, (Delta, Element)) for kid in entry.kids]
    if isinstance(form, Scalar):
        places = []
    vectors = [part for part in parts if isinstance(part, Array) and len(part.free) == 1 and part.fixed]
    places += [kid for one in vectors if one is not form for kid in one.fixed if not isinstance(kid, Const)]
    stray = [letter for number in numbers for letter in _index_letters(number)]
    return not (all(_is_label(form, kid) for kid in places) and all(chooses(form, letter, 2) for letter in stray))


def _is_label(form: Matrix, place: Written) -> bool:
    letters = _index_letters(place)
    return bool(letters) and isinstance(place, Var) and all(chooses(form, letter, 2) for letter in letters)


def _index_letters(node: Written) -> list[Symbol]:
    return [letter for letter in node.free if not letter.is_positive]


def chooses(form: Matrix, label: Symbol, axes: int) -> bool:
    """Whether a label stands at an array that has at least so many rows and columns."""
    if isinstance(form, Array):
        return len(form.free) >= axes and any(label in kid.free for kid in form.fixed)
    return any(chooses(part, label, axes) for part in parts_of(form))


def every_part(form: Matrix) -> list[Matrix]:
    """The form and all that it is made of."""
    return [form, *(inner for part in parts_of(form) for inner in every_part(part))]


def parts_of(form: Matrix) -> list[Matrix]:
    """The forms that a form is made of."""
    found: list[Matrix] = []
    for value in vars(form).values():
        items = value if isinstance(value, tuple) else (value,)
        for item in items:
            inner = item if isinstance(item, tuple) else (item,)
            found += [part for part in inner if isinstance(part, Matrix)]
    return found
