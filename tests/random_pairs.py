"""Pairs of random expressions: equal by a chain of true rewrites, or with one tempting step among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from plain_points import compare
from random_expressions import LARGEST, random_expression
from rewriting import rewritten
from tempting_rewrites import TEMPTING
from true_rewrites import TRUE

from symformer.notation import walk
from symformer.proof.normal import Proof, prove


@dataclass(frozen=True)
class Pair:
    """Two expressions with the ranges of their free indices.

    Attributes:
        left: one expression.
        right: the other, made of it.
        ranges: free indices with their sizes.
        steps: the names of the rewrites between them.
        equal: whether all of these are true ones.
    """

    left: Any
    right: Any
    ranges: Any
    steps: tuple[str, ...]
    equal: bool

    def __str__(self):
        return f"{self.left}  =  {self.right}  by {', '.join(self.steps)}"

    def proof(self):
        """What the normal form says, without the balls that guard it in the judge; None where it gives up."""
        found = prove(self.left, self.right, {str(index): size for index, size in self.ranges.items()})
        return found if isinstance(found, Proof) else None

    def compare(self, seeds=(0, 1, 2, 3)):
        """What the plain evaluator says; see `plain_points.compare`."""
        return compare(self.left, self.right, self.ranges, seeds=seeds)


def random_pairs(count, start=0, depth=3):
    """As many pairs, equal and changed in turn, the same in every run."""
    made, seed = 0, start
    while made < count:
        pair = random_pair(seed, made % 2 == 0, depth)
        seed += 1
        if pair is not None:
            made += 1
            yield pair


def random_pair(seed, equal, depth=3):
    """A pair, or None where the chance of this seed makes none."""
    found = random_expression(seed, depth)
    if found is None:
        return None
    left, scope, maker = found
    chain = [TRUE] * maker.random.randint(1 if equal else 0, 4 if equal else 2)
    if not equal:
        chain.insert(maker.random.randint(0, len(chain)), TEMPTING)
    right, steps = left, []
    for rules in chain:
        step = rewritten(right, rules, scope, maker)
        if step is None:
            return None
        steps.append(step[0])
        right = step[1]
    small = len(list(walk(right))) <= 3 * LARGEST
    return Pair(left, right, scope, tuple(steps), equal) if small and left != right else None
