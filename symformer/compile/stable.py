"""Ratios and logarithms of exponentials in a form that overflows nowhere, found wherever an author writes them.

A sum of exponentials is a sum of terms that hold one exponential each: under sums over indices, beside others, with
factors, masks and constants (which are multiples of exp 0). With m its largest exponent, all exponents less m:

- Z = exp(m) Z₋, since exp(a) = exp(m) exp(a − m) in every term; so log Z = m + log Z₋;
- a term with p exponentials is exp(p m) times the same with each less m; so over/Z^p is over₋/Z₋^p for p exponentials
  above, and exp((p − q) m) times it for another number q below;
- 1/(1 + exp(−x)) = σ(x), exp(x)/(1 + exp(x)) = σ(x), log(1 + exp(x)) = softplus(x), log σ(x) = −softplus(−x);
- log(a/b) = log a − log b and log(exp(a) b) = a + log b, for positive a and b as they stand here;
- p (y/p) is y for a p that is such a ratio, which may be too small for a float;
- a mask as a factor of an exponential is −∞ in its exponent, so that what it hides may be as large as it likes.

Every rule is an identity for real numbers, for any m: the book's softmax-shift-invariance. Definitions are opened where
that shows exponentials. What is shifted by a maximum already is left alone. The result is compared with the textbook
form when a function is compiled, like everything else.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from symformer.compile.cancelled import cancelled
from symformer.notation import (
    Add,
    Condition,
    Const,
    Delta,
    Div,
    Element,
    Func,
    Hidden,
    Max,
    Mul,
    Neg,
    Pow,
    Sum,
    Tensor,
    Where,
    Written,
    lift,
    maximum,
    negated,
    sigmoid,
    softplus,
)
from symformer.programs import definition_at, is_defined

MOST_OPENED = 6  # definitions one in the other
ZERO, ONE = lift(0), lift(1)


def stable_form(node: Written) -> Written:
    """The expression with its ratios and logarithms of exponentials in a stable form."""
    if isinstance(node, Element):
        return node
    found = _rewritten(node)
    if found is not None:
        return found
    kids = tuple(stable_form(kid) for kid in node.kids)
    return node if all(new is old for new, old in zip(kids, node.kids, strict=True)) else node.rebuild(kids)


def _rewritten(node: Written) -> Written | None:
    """The node in a stable form, if one of the rules is for it."""
    if isinstance(node, Func) and node.name in ("log", "log1p"):
        argument = node.kids[0] if node.name == "log" else ONE + node.kids[0]
        return _log(argument)
    if isinstance(node, Mul) and (less := cancelled(node, _comes_apart)) is not None:
        return stable_form(less)
    return _ratio(node) if isinstance(node, (Mul, Div)) else None


def _times(parts: Sequence[Written]) -> Written:
    kept = [part for part in parts if part != ONE]
    return ONE if not kept else kept[0] if len(kept) == 1 else Mul(tuple(kept))


# -- logarithms -------------------------------------------------------------------------------------------------------


def _log(argument: Written) -> Written | None:
    """log of something, if exponentials stand in it."""
    seen = _opened(argument)
    if isinstance(seen, Func) and seen.name == "exp":
        return stable_form(seen.kids[0])
    if isinstance(seen, Func) and seen.name == "sigmoid":
        return -softplus(stable_form(-seen.kids[0]))
    exponent = _one_more(seen)
    if exponent is not None:
        return softplus(stable_form(exponent))
    if isinstance(seen, Div) and any(_exponentials(kid) or _comes_apart(kid) for kid in seen.kids):
        return _log_of(seen.kids[0]) - _log_of(seen.kids[1])
    if isinstance(seen, Mul) and _exponentials(seen):
        inner = [kid for kid in seen.kids if _exponentials(kid)]
        rest = [kid for kid in seen.kids if not _exponentials(kid)]
        if (rest or len(inner) > 1) and not any(map(_is_mask, rest)):
            return _sum_of([*map(_log_of, inner), *([_log_of(_times(rest))] if rest else [])])
    if isinstance(seen, Add):
        seen = Add(tuple(map(_one_exponential, seen.kids)))
    if _exponentials(seen) != 1:
        return None
    top = _peak(seen)
    return None if top is None else top + Func((_shifted(seen, top),), ("log",))


def _one_exponential(term: Written) -> Written:
    """A product of several sums of exponentials with one exponential: that of the largest of each, added up."""
    if isinstance(term, Neg):
        return Neg((_one_exponential(term.kids[0]),))
    parts = term.kids if isinstance(term, Mul) else ()
    inner = [kid for kid in parts if _exponentials(kid)]
    tops = [top for kid in inner if (top := _peak(kid)) is not None]
    if len(inner) < 2 or len(tops) < len(inner):
        return term
    left = [_shifted(kid, top) for kid, top in zip(inner, tops, strict=True)]
    return Mul((Func((_sum_of(tops),), ("exp",)), *left, *(kid for kid in parts if kid not in inner)))


def _log_of(node: Written) -> Written:
    found = _log(node)
    return Func((stable_form(node),), ("log",)) if found is None else found


def _sum_of(terms: Sequence[Written]) -> Written:
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


def _one_more(node: Written) -> Written | None:
    """x of 1 + exp(x)."""
    if not isinstance(node, Add) or len(node.kids) != 2:
        return None
    for one, other in (node.kids, node.kids[::-1]):
        seen = _opened(other)
        if one == ONE and isinstance(seen, Func) and seen.name == "exp":
            return seen.kids[0]
    return None


# -- ratios -----------------------------------------------------------------------------------------------------------


def _ratio(node: Mul | Div) -> Written | None:
    """A product or quotient, if exponentials stand in a denominator: each such denominator with its share above."""
    above, below = _parts(node)
    under = [part for part in below if _exponentials(part)]
    if not under:
        return None
    over = [part for part in above if _exponentials(part)]
    masks = [part for part in above if _is_mask(part)] if over else []
    rest = [part for part in above if not any(part is other for other in (*over, *masks))]
    found: list[Written] = []
    for part in under:
        share, over = _share(over, _exponentials(part) or 0)
        ratio = _shifted_ratio([*masks, *share], part)
        if ratio is None:
            return None
        found.append(ratio)
        masks = [] if share else masks
    plain = [stable_form(part) for part in below if not _exponentials(part)]
    whole = _times([*(stable_form(part) for part in (*masks, *rest, *over)), *found])
    return Div((whole, _times(plain))) if plain else whole


def _parts(node: Written) -> tuple[list[Written], list[Written]]:
    """What is multiplied, and what divides."""
    if isinstance(node, Mul):
        pairs = [_parts(kid) for kid in node.kids]
        return [part for pair in pairs for part in pair[0]], [part for pair in pairs for part in pair[1]]
    if isinstance(node, Div):
        (above, below), (more, less) = map(_parts, node.kids)
        return [*above, *less], [*below, *more]
    if isinstance(node, Neg):
        above, below = _parts(node.kids[0])
        return [lift(-1), *above], below
    return ([] if node == ONE else [node]), []


def _share(over: list[Written], degree: int) -> tuple[list[Written], list[Written]]:
    """So many exponentials of a numerator, and the others."""
    share: list[Written] = []
    left = list(over)
    for part in over:
        count = _exponentials(part) or 0
        if count <= degree:
            share.append(part)
            left.remove(part)
            degree -= count
    return share, left


def _shifted_ratio(over: list[Written], under: Written) -> Written | None:
    """Numbers of one base above and below; None where the largest exponent is not seen."""
    exponent = _one_more(_opened(under))
    if exponent is not None:
        alike = [part for part in over if _is_exp_of(_opened(part), exponent)]
        if not over or alike:
            share = sigmoid(stable_form(exponent if alike else _minus(exponent)))
            return _times([*(stable_form(part) for part in over if part not in alike[:1]), share])
    top = _peak(_base(_opened(under)))
    if top is None:
        return _ratio_of_products(over, under)
    whole = _times(over)
    found = Div((_shifted(whole, top), _shifted(under, top)))
    missing = (_exponentials(whole) or 0) - (_exponentials(under) or 0)
    return found if not missing else found * Func((lift(missing) * top,), ("exp",))


def _ratio_of_products(over: list[Written], under: Written) -> Written | None:
    """Each factor as the exponential of its largest times what is left; these exponents meet in one exponential."""
    below = _scaled(under)
    above = [_scaled(part) for part in over if _exponentials(part)]
    known = [pair for pair in above if pair is not None]
    if below is None or len(known) < len(above):
        return None
    exponent = _sum_of([*(top for top, _ in known), Neg((below[0],))])
    rest = [stable_form(part) for part in over if not _exponentials(part)]
    return Div((_times([*rest, Func((exponent,), ("exp",)), *(left for _, left in known)]), below[1]))


def _scaled(node: Written) -> tuple[Written, Written] | None:
    """t and z of a sum of exponentials exp(t) z, with z of the size of its number of terms; None where t is unseen."""
    seen = _opened(node)
    if isinstance(seen, Add):
        seen = Add(tuple(map(_one_exponential, seen.kids)))
    top = _peak(seen)
    return None if top is None else (top, _shifted(seen, top))


def _is_exp_of(node: Written, exponent: Written) -> bool:
    return isinstance(node, Func) and node.name == "exp" and node.kids[0] == exponent


def _minus(node: Written) -> Written:
    return node.kids[0] if isinstance(node, Neg) else -node


def _base(node: Written) -> Written:
    """The sum of exponentials of a denominator: without powers and without factors."""
    if isinstance(node, Pow):
        return _base(_opened(node.kids[0]))
    if isinstance(node, Mul):
        inner = [kid for kid in node.kids if _exponentials(kid)]
        return _base(_opened(inner[0])) if len({kid.digest for kid in inner}) == 1 else node
    return node


# -- sums of exponentials ---------------------------------------------------------------------------------------------


def _opened(node: Written, depth: int = 0) -> Written:
    """A definition's body in its place, where that shows exponentials; a choice among them as masked terms."""
    if isinstance(node, Where) and _exponentials(node, depth):
        return _masked_terms(node)
    if depth < MOST_OPENED and isinstance(node, Element) and _transparent(node):
        body = definition_at(node)
        if _exponentials(body, depth + 1) or _shows(body) or (isinstance(body, Func) and body.name == "exp"):
            return _opened(body, depth + 1)
    return node


def _masked_terms(node: Where) -> Written:
    """`where(c, a, b)` as c a + (1 − c) b; a term that is 0 is left out."""
    chosen, value, other = node.kids
    pairs = [(chosen, value), (negated(chosen), other)]
    terms = tuple(Mul((mask, term)) for mask, term in pairs if term != ZERO)
    return terms[0] if len(terms) == 1 else Add(terms)


def _transparent(node: Element) -> bool:
    return is_defined(node.tensor) and node.tensor.origin.definition.guard is None


def _shows(body: Written) -> bool:
    """Whether a logarithm of it comes apart: a logistic function, or a quotient of exponentials, shifted or not."""
    if isinstance(body, Func):
        return body.name == "sigmoid"
    return isinstance(body, Div) and any(bool(_exponentials(kid, 1)) or _comes_apart(kid, 1) for kid in body.kids)


def _comes_apart(node: Written, depth: int = 0) -> bool:
    """Whether it is an exponential, or defined as one or as a quotient of them, such as an entry of a softmax."""
    if isinstance(node, Func):
        return node.name == "exp"
    if depth < MOST_OPENED and isinstance(node, Element) and _transparent(node):
        body = definition_at(node)
        return _shows(body) or _comes_apart(body, depth + 1)
    return False


def _exponentials(node: Written, depth: int = 0) -> int | None:
    """How many exponentials are multiplied in every term, 0 where there are none; None where that is unclear.

    Terms of a sum that hold none count as multiples of exp 0; a quotient by exponentials, and a function of them, as
    numbers.
    """
    match node:
        case Func() if node.name == "exp":
            return 0 if _is_shifted(node.kids[0]) else 1
        case Element() if depth < MOST_OPENED and _transparent(node):
            return _in_definition(node.tensor, depth + 1)
        case Mul():
            counts = [_exponentials(kid, depth) for kid in node.kids]
            return None if None in counts else sum(count or 0 for count in counts)
        case Div():
            above, below = (_exponentials(kid, depth) for kid in node.kids)
            return above if below == 0 else 0
        case Neg() | Sum():
            return _exponentials(node.kids[0], depth)
        case Pow():
            base, exponent = _exponentials(node.kids[0], depth), node.kids[1]
            whole = isinstance(exponent, Const) and exponent.value.is_Integer and exponent.value > 0
            if base == 0 or not (whole and base and isinstance(exponent, Const)):
                return 0 if base == 0 else None
            return base * int(exponent.value)
        case Add() | Where():
            terms = node.kids if isinstance(node, Add) else [kid for kid in node.kids[1:] if kid != ZERO]
            counts = [_exponentials(kid, depth) for kid in terms]
            found = {count for count in counts if count != 0}
            return None if None in found or len(found) > 1 else next(iter(found), 0)
    return 0


@lru_cache(maxsize=1 << 12)
def _in_definition(tensor: Tensor, depth: int) -> int:
    """How many exponentials are multiplied in every term of a definition; 0 where that is unclear: it is read."""
    return _exponentials(tensor.origin.definition.body, depth) or 0


def _is_shifted(exponent: Written) -> bool:
    """Whether a maximum is subtracted already."""
    if not isinstance(exponent, Add):
        return False
    taken = [kid.kids[0] for kid in exponent.kids if isinstance(kid, Neg)]
    return any(
        isinstance(one, Max)
        or (isinstance(one, Element) and is_defined(one.tensor) and isinstance(one.tensor.origin.definition.body, Max))
        for one in taken
    )


def _peak(node: Written) -> Written | None:
    """The largest exponent of a sum of exponentials; None where it is not seen."""
    seen = _opened(node)
    match seen:
        case Func() if seen.name == "exp":
            return stable_form(seen.kids[0])
        case Neg() | Div():
            return _peak(seen.kids[0])
        case Sum():
            body = _peak(seen.body)
            return None if body is None else Max((body,), seen.head)
        case Mul():
            inner = [kid for kid in seen.kids if _exponentials(kid)]
            found = _peak(inner[0]) if len(inner) == 1 else None
            for kid in seen.kids if found is not None else ():
                found = Hidden((found, kid)) if _is_mask(kid) and found is not None else found
            return found
        case Add():
            tops = [_peak(kid) if _exponentials(kid) else lift(0) for kid in seen.kids]
            known = [top for top in tops if top is not None]
            if len(known) < len(tops):
                return None
            best = known[0]
            for top in known[1:]:
                best = best if top == best else maximum(best, top)
            return best
    return None


def _is_mask(node: Written) -> bool:
    return isinstance(node, (Condition, Delta)) or (isinstance(node, Element) and node.tensor.domain.kind == "mask")


def _shifted(node: Written, top: Written) -> Written:
    """The same with every exponent less the largest; a term without exponentials, beside others, is a multiple of 1."""
    degree = _exponentials(node)
    if not degree:
        return stable_form(node)
    seen = _opened(node)
    match seen:
        case Func():
            return Func((stable_form(seen.kids[0]) - top,), ("exp",))
        case Sum():
            index, body = seen.open()
            return Sum((_shifted(body, top),), (index, seen.size))
        case Mul():
            return _product_shifted(seen, top)
        case Add():
            less = Func((Neg((top if degree == 1 else lift(degree) * top,)),), ("exp",))
            return Add(tuple(_shifted(kid, top) if _exponentials(kid) else _times([stable_form(kid), less])
                             for kid in seen.kids))  # fmt: skip
        case Pow():
            return Pow((_shifted(seen.kids[0], top), seen.kids[1]))
        case Div():
            return Div((_shifted(seen.kids[0], top), stable_form(seen.kids[1])))
    return seen.rebuild(tuple(_shifted(kid, top) for kid in seen.kids))


def _product_shifted(node: Mul, top: Written) -> Written:
    """Masks go into the exponent of the one exponential that they are factors of."""
    masks = [kid for kid in node.kids if _is_mask(kid)]
    inner = [kid for kid in node.kids if _exponentials(kid)]
    alone = _opened(inner[0]) if len(inner) == 1 else None
    if not masks or not isinstance(alone, Func):
        return _times([_shifted(kid, top) for kid in node.kids])
    exponent: Written = stable_form(alone.kids[0]) - top
    for mask in masks:
        exponent = Hidden((exponent, mask))
    rest = [stable_form(kid) for kid in node.kids if kid not in masks and kid is not inner[0]]
    return _times([Func((exponent,), ("exp",)), *rest])
