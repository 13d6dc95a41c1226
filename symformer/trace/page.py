"""The page of a traced head: symbols, numbers, heat map, norms along the stream, top logits."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import flint
import numpy as np
from flint import arb
from sympy import Integer

from symformer.derivation.matrix_level import definition_box
from symformer.evaluate import Interpreter, Place
from symformer.models import letters as at
from symformer.notation import Tensor, indices, sqrt, sum, tensor
from symformer.pictures import curves, heat_map
from symformer.programs import Call, Computed, define, statement_box
from symformer.proof import Judge
from symformer.trace.recomputed import Drift
from symformer.trace.traced import Traced
from symformer.typeset import Sign
from symformer.typeset.boxes import row
from symformer.values import Example, Step, Values
from symformer.values.worked import Worked
from symformer.writers import Formula, Inline, Page, PageStep

WIDEST = 24  # tokens in a heat map
TOP = 5
ELL, I, A = indices("ell i a")
LAYERS = at.L + 1


class TracedExample(Example):
    """Formulas with the model's own numbers: nothing is computed again.

    Args:
        numbers: an array for each tensor, by name.
        sizes: a number for each size.
        held: the tensors that are shown.
    """

    def __init__(self, numbers: dict[str, Any], sizes: dict[Any, int], held: Sequence[Tensor]) -> None:
        super().__init__(Values({}, sizes, {("", ()): ""}), decimals=4)
        self.arrays, self.held = numbers, frozenset(one.digest for one in held)

    @cached_property
    def interpreter(self) -> Interpreter:
        """Looks numbers up."""
        return Interpreter(self.field, self.values.sizes, self._input, held=self.held)

    def _input(self, tensor: Tensor, place: Place) -> Worked:
        number = self.arrays[tensor.name][tuple(number - 1 for number in place)]
        whole = tensor.domain.kind != "real" or tensor.name == "positions" or number == 0  # hidden: exactly 0
        return Worked(arb(float(number)), Integer(int(number)) if whole else None)


def trace_page(traced: Traced, checked: Sequence[Drift] = ()) -> Page:
    """The page of a head; drifts stand among its notes."""
    norms = _norms()
    shown = [*traced.head.steps.statements, norms]
    numbers = {**traced.numbers, "X_all": traced.streams, norms.name: np.linalg.norm(traced.streams, axis=-1)}
    example = TracedExample(numbers, {**traced.sizes, at.L: len(traced.streams) - 1}, shown)
    judge = Judge()
    with flint.ctx.workprec(64):
        steps = [step for one in shown for step in example.steps(one)]
    return Page(
        slug="trace",
        title=_title(traced),
        idea=((_idea(traced),),),
        given=tuple(_given(traced)),
        where=tuple(_formula(one, judge) for one in shown),
        chains=(),
        steps=tuple(_page_step(step) for step in steps),
        rounding=example.rounding.words(),
        notes=tuple((note,) for note in (*_top(traced), *(drift.sentence() for drift in checked))),
        pictures=tuple(_pictures(traced, numbers[norms.name])),
    )


def _norms() -> Computed:
    """The norms along the residual stream, layer by layer and token by token."""
    streams = tensor("X_all", LAYERS, at.n, at.d)
    return define("r", (ELL, I), sqrt(sum(streams[ELL, I, A] ** 2, A)))


def _title(traced: Traced) -> str:
    return f"Layer {traced.layer}, head {traced.number} of {traced.model.architecture.model_class}"


def _idea(traced: Traced) -> str:
    listed = ", ".join(map(str, traced.ids))
    return (
        f"What this head did with the tokens {listed}: layers and heads are counted from 0, as in the checkpoint, "
        f"tokens and entries from 1. The numbers are those that the model computed in {traced.model.computes_in}; of "
        "long axes the first six entries and the last are shown, with dots between. r holds the norms of the stream "
        "before each layer, and of the last hidden state."
    )


def _given(traced: Traced) -> list[Inline]:
    return [(one.box, f": {' × '.join(map(str, np.shape(traced.numbers[one.name]))) or 'a number'}")
            for one in traced.head.steps.inputs]  # fmt: skip


def _formula(one: Computed, judge: Judge) -> Formula:
    index = statement_box(one)
    if isinstance(one.origin, Call) and one.origin.folded:
        return Formula(index, row(one.box, Sign("="), one.origin.box()))
    return Formula(index, definition_box(one, judge))


def _page_step(step: Step) -> PageStep:
    return PageStep(step.symbols, step.substituted, step.result, step.rounded, remark=step.remark)


def _top(traced: Traced) -> list[str]:
    """The most likely next tokens, or nothing where the model has no head."""
    if traced.logits is None:
        return []
    scores = np.asarray(traced.logits, np.float64)
    shares = np.exp(scores - scores.max())
    shares /= shares.sum()
    best = np.argsort(-scores, kind="stable")[:TOP]
    listed = "; ".join(f"{token}: {scores[token]:.4f} ({shares[token]:.4f})" for token in best)
    return [f"Top logits of the last token, with their probabilities: {listed}"]


def _pictures(traced: Traced, norms: Any) -> list[tuple[str, str, str]]:
    drawn = []
    labels = [f"{place + 1}: {token}" for place, token in enumerate(traced.ids)]
    if len(labels) <= WIDEST:
        title = "Attention weights P: each row a query, each column a key"
        drawn.append(heat_map("picture-P", title, traced.numbers["P"].tolist(), labels, labels))
    series = [(label, [(float(layer), float(norm)) for layer, norm in enumerate(norms[:, place])])
              for place, label in enumerate(labels[:TOP])]  # fmt: skip
    drawn.append(curves("picture-r", "Norms along the residual stream", "layer", "norm", series))
    return [(picture.title, picture.description, picture.svg) for picture in drawn]
