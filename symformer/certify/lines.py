"""The lines of a derivation as a file of Rocq, and those that stay outside with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sympy import Expr

from symformer.calculus import NoDerivative, worked_out
from symformer.certify.names import Unprovable, free
from symformer.certify.page import Page
from symformer.certify.prover import Prover
from symformer.certify.refused import REFUSED
from symformer.derivation import Claim, claims
from symformer.notation import Derivative, Element, Written, walk
from symformer.programs import reachable, unfolded
from symformer.proof.normal.equal import Proof, prove
from symformer.proof.normal.form import MOST_SPELLED, Form
from symformer.proof.normal.indices import GiveUp

REASONS = (Unprovable, GiveUp, NoDerivative)


@dataclass(frozen=True)
class Line:
    """An equation of the book: its name, and the lemma's or why there is none."""

    name: str
    lemma: str
    reason: str
    derivative: bool
    alike: bool


@dataclass(frozen=True)
class Exported:
    """A page: the file's text, and its lines."""

    slug: str
    source: str
    lines: tuple[Line, ...]
    statements: str


def exported(derivation: Any) -> Exported:
    """The equations of a derivation that are proved for every size, but those whose proofs Rocq does not accept."""
    equations = [claim.general or claim for claim in claims(derivation) if (claim.expected or claim.relation) == "="]
    return exported_with(derivation.slug, [(claim, _proof(claim)) for claim in equations])


def exported_with(slug: str, jobs: Sequence[tuple[Claim, Proof | str]]) -> Exported:
    """A page of claims, each with its proof or why there is none. Whether a claim is true is for Rocq to say."""
    page = Page()
    sides = [side for claim, _ in jobs for side in (claim.left, claim.right)]
    for tensor in reachable(*(part.tensor for side in sides for part in walk(side) if isinstance(part, Element))):
        page.statements.names.of(f"tensor {tensor.digest}", tensor.name)
    lines = [_line(page, claim, proof) for claim, proof in jobs]
    return Exported(slug, page.source([line.lemma for line in lines if line.lemma]), tuple(lines), page.said())


def _spans(claim: Claim) -> dict[str, Expr]:
    return {str(index): found.size for index, found in claim.ranges.items()}


def _proof(claim: Claim) -> Proof | str:
    if claim.name in REFUSED:
        return REFUSED[claim.name]
    return prove(claim.left, claim.right, _spans(claim))


def _line(page: Page, claim: Claim, proof: Proof | str) -> Line:
    slug, _, number = claim.name.rpartition(" ")
    name = f"{free(slug, ())}_{number.strip('()')}"
    derivative = _has_derivative(claim)
    try:
        if isinstance(proof, str):
            raise Unprovable(proof)
        with page.attempt():
            _lemma(page, claim, proof, name)
    except REASONS as reason:
        return Line(claim.name, "", str(reason), derivative, False)
    return Line(claim.name, name, "", derivative, _resolved(claim.left) == _resolved(claim.right))


def _resolved(node: Written) -> Written:
    """With derivatives worked out and definitions put in."""
    if isinstance(node, Derivative):
        return _resolved(worked_out(node))
    kids = tuple(_resolved(kid) for kid in node.kids)
    return unfolded(node.rebuild(kids) if kids else node)


def _has_derivative(claim: Claim) -> bool:
    return any(isinstance(part, Derivative) for side in (claim.left, claim.right) for part in walk(side))


def _lemma(page: Page, claim: Claim, proof: Proof, name: str) -> None:
    spans = _spans(claim)
    if any(size.is_Integer and size <= MOST_SPELLED for size in spans.values()):
        raise Unprovable("a free index of few values")
    form = Form(spans)
    for side in (claim.left, claim.right):
        form.of(side)
    for poly in list(form.known.values()):
        page.forms.note(poly)
    prover = Prover(page, form, proof.conditions)
    said = page.statements.line(claim.left, claim.right, spans)
    env = page.statements.free(spans)
    with page.under_way() as used:
        tactics = prover.line(claim.left, claim.right, env)
    page.define()
    for one in used:
        if page.words[one] not in proof.conditions:
            raise Unprovable(f"a premise that the page does not print: {page.words[one]}")
    texts = {name: text for text, name in page.premises.items()}
    premises = "".join(f" ({one} : {texts[one]})" for one in used)
    intro = f"move=> {' '.join(env.values())}. " if env else ""
    after = "(* after our rules of differentiation *)\n" if _has_derivative(claim) else ""
    page.say(f"{after}Lemma {name}{premises} : {said}.", f"{intro}{tactics}")
