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
from symformer.trace.beside import Beside
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


def trace_page(traced: Traced, checked: Sequence[Drift] = (), beside: Beside | None = None) -> Page:
    """The page of a head, or of another part of a layer.

    Args:
        traced: the part, and what the model computed with it.
        checked: drifts, which stand among its notes.
        beside: what else is shown of the run.
    """
    beside = beside or Beside()
    norms = _norms("r" if "r" not in traced.numbers else "r_X")
    shown = [*traced.head.steps.statements, norms]
    numbers = {**traced.numbers, "X_all": traced.streams, norms.name: np.linalg.norm(traced.streams, axis=-1)}
    example = TracedExample(numbers, {**traced.sizes, at.L: len(traced.streams) - 1}, shown)
    judge = Judge()
    with flint.ctx.workprec(64):
        steps = [step for one in shown for step in example.steps(one)]
    return Page(
        slug="trace",
        title=_title(traced),
        idea=((_idea(traced, beside, norms.name),),),
        given=tuple(_given(traced)),
        where=tuple(_formula(one, judge) for one in shown),
        chains=(),
        steps=tuple(_page_step(step) for step in steps),
        rounding=example.rounding.words(),
        notes=tuple((note,) for note in (*_top(traced, beside), *beside.notes(), *(one.sentence() for one in checked))),
        pictures=tuple(_pictures(traced, numbers[norms.name], beside)),
    )


def _norms(name: str) -> Computed:
    """The norms along the residual stream, layer by layer and token by token."""
    streams = tensor("X_all", LAYERS, at.n, at.d)
    return define(name, (ELL, I), sqrt(sum(streams[ELL, I, A] ** 2, A)))


def _title(traced: Traced) -> str:
    return f"Layer {traced.layer}, {traced.part} of {traced.model.architecture.model_class}"


def _idea(traced: Traced, beside: Beside, norms: str) -> str:
    listed = ", ".join(map(beside.word, traced.ids))
    return (
        f"What this {traced.kind} did with the tokens {listed}: layers and heads are counted from 0, as in the "
        f"checkpoint, tokens and entries from 1. The numbers are those that the model computed in "
        f"{traced.model.computes_in}; of long axes the first six entries and the last are shown, with dots between. "
        f"{norms} holds the norms of the stream before each layer, and of the last hidden state."
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


def _top(traced: Traced, beside: Beside) -> list[str]:
    """The most likely next tokens, or nothing where the model has no head."""
    if traced.logits is None:
        return []
    scores = np.asarray(traced.logits, np.float64)
    shares = np.exp(scores - scores.max())
    shares /= shares.sum()
    best = np.argsort(-scores, kind="stable")[:TOP]
    listed = "; ".join(f"{beside.word(token)}: {scores[token]:.4f} ({shares[token]:.4f})" for token in map(int, best))
    return [f"Top logits of the last token, with their probabilities: {listed}"]


def _pictures(traced: Traced, norms: Any, beside: Beside) -> list[tuple[str, str, str]]:
    drawn = []
    labels = [f"{place + 1}: {beside.word(token)}" for place, token in enumerate(traced.ids)]
    if "P" in traced.numbers and len(labels) <= WIDEST:
        title = "Attention weights P: each row a query, each column a key"
        drawn.append(heat_map("picture-P", title, traced.numbers["P"].tolist(), labels, labels))
    series = [(label, [(float(layer), float(norm)) for layer, norm in enumerate(norms[:, place])])
              for place, label in enumerate(labels[:TOP])]  # fmt: skip
    drawn.append(curves("picture-r", "Norms along the residual stream", "layer", "norm", series))
    return [(picture.title, picture.description, picture.svg) for picture in (*drawn, *beside.pictures())]
