"""How a rewrite is applied somewhere in a written expression.

A rule takes a node, the indices in scope with their sizes, and a maker of random expressions; it gives another node, or
None where it does not apply.
"""

from __future__ import annotations

from random_expressions import LONG, SHORT

import symformer as sf
from symformer.notation import (
    Add,
    Binder,
    Const,
    Delta,
    Derivative,
    Element,
    Hidden,
    Indicator,
    Neg,
    NotationError,
    Pow,
    Var,
    lift,
)


def unused(*nodes):
    """An index that is free in none of the expressions: the first of the few letters."""
    taken = set().union(*(lift(node).free for node in nodes))
    return next(index for index in (*SHORT, *LONG, *sf.indices("u_1:9")) if index not in taken)


def over(kind, **conditions):
    """A rule for nodes of one kind (and, for functions, of one name)."""

    def decorate(rule):
        def applied(node, scope, maker):
            if not isinstance(node, kind) or any(getattr(node, key) != value for key, value in conditions.items()):
                return None
            return rule(node, scope, maker)

        applied.__name__ = rule.__name__
        return applied

    return decorate


def rewritten(node, rules, scope, maker, tries=12):
    """(name of the rule, the node with one of the rules applied at one of its places), or None where none applies."""
    places = list(_places(node, dict(scope), ()))
    for _ in range(tries):
        rule = maker.random.choice(rules)
        for path, part, inner in maker.random.sample(places, len(places)):
            try:
                changed = rule(part, inner, maker)
                if changed is not None:
                    return rule.__name__, _replaced(node, path, lift(changed))
            except NotationError:  # the changed indices do not fit
                continue
    return None


def _places(node, scope, path):
    """(path, part, scope) of every value in an expression."""
    yield path, node, scope
    if isinstance(node, (Element, Delta, Const, Var)):
        return
    inner = {**scope, node.index: node.size} if isinstance(node, Binder) else scope
    only_first = isinstance(node, (Derivative, Pow, Hidden))
    indices = isinstance(node, Indicator) and all(isinstance(kid, (Var, Const)) for kid in node.kids)
    for place, kid in enumerate(() if indices else node.kids[:1] if only_first else node.kids):
        if not isinstance(kid, Hidden) and not hides(kid):
            yield from _places(kid, inner, (*path, place))


def hides(node):
    """Whether it may be −∞, so that most rules do not hold for it."""
    return isinstance(node, Hidden) or (isinstance(node, (Add, Neg)) and any(hides(kid) for kid in node.kids))


def _replaced(node, path, new):
    if not path:
        return new
    kids = list(node.kids)
    kids[path[0]] = _replaced(kids[path[0]], path[1:], new)
    return node.rebuild(tuple(kids))
