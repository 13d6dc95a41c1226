"""The worked example of a page: inputs, definitions and lines in numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sympy import Symbol

from symformer.derivation.core import Worked
from symformer.derivation.indices import chain_indices
from symformer.derivation.lines import Line
from symformer.derivation.stages import Stage, flow, stages_of
from symformer.derivation.wording import Wording
from symformer.notation import Tensor
from symformer.programs import elements
from symformer.values import Step
from symformer.writers import Inline, PageStep


def worked_steps(worked: Worked, wording: Wording) -> list[PageStep]:
    """Every step: the inputs first, or each in the stage that first reads it; then definitions; then lines."""
    stages = stages_of(worked.derivation, worked.example)
    if any(stage.title for stage in stages):
        return [*_staged(worked, stages, wording), *_line_steps(worked)]
    given = _given(worked, [], None)
    steps = [replace(step, note="" if place else "Given:") for place, step in enumerate(given)]
    return [*steps, *(step for stage in stages for step in _definitions(worked, stage, wording)), *_line_steps(worked)]


def _staged(worked: Worked, stages: list[Stage], wording: Wording) -> Iterator[PageStep]:
    shown: list[str] = []
    last = [element.tensor for line in worked.derivation.lines for element in elements(line.formula)]
    for stage in stages:
        steps = [*_given(worked, shown, stage), *_definitions(worked, stage, wording)]
        if steps and stage.title:
            words = wording(flow(stage, stages, last, worked.example))
            steps[0] = replace(steps[0], heading=wording(stage.title), flow=words)
        yield from steps
    yield from _given(worked, shown, None)


def _given(worked: Worked, shown: list[str], stage: Stage | None) -> list[PageStep]:
    """The inputs that a stage reads and no earlier one has shown; without a stage, all that are left."""
    steps: list[PageStep] = []
    for tensor in worked.derivation.inputs:
        wanted = stage.reads(tensor) if stage is not None else lambda place: True
        for step in worked.example.inputs(tensor, wanted) if wanted is not None else ():
            key = f"{tensor.digest} {step.place}"
            if key not in shown:
                shown.append(key)
                steps.append(replace(_page_step(step), given=True))
    return steps


def _definitions(worked: Worked, stage: Stage, wording: Wording) -> Iterator[PageStep]:
    for tensor in stage.tensors:
        for step in worked.example.steps(tensor):
            yield replace(_page_step(step), printed=_printed(worked, tensor, step, wording))


def _printed(worked: Worked, tensor: Tensor, step: Step, wording: Wording) -> tuple[Inline, ...]:
    """What the source prints for this matrix, where the numbers are the source's own."""
    place = step.place
    if place is None or not worked.is_example:
        return ()
    example, layered = worked.example, worked.derivation.layered
    own = [one for one in worked.derivation.printed if one.shown_at(place)]
    return tuple(wording(one.remark(example, tensor)) for one in own if one.shown_by(example, layered) == tensor)


def _line_steps(worked: Worked) -> list[PageStep]:
    derivation, out = worked.derivation, []
    for place, line in enumerate(derivation.lines):
        env = _places(worked, line, chain_indices(derivation, place))
        if line.expected == "refuted":
            continue
        step = worked.example.line(line.formula, env, derivation.ranges(line))
        at = ", ".join(f"{index} = {number}" for index, number in env.items())
        out.append(replace(_page_step(step), note=f"Line ({place + 1})" + (f", at {at}:" if at else ":")))
    return out


def _places(worked: Worked, line: Line, indices: tuple[Symbol, ...]) -> dict[Symbol, int]:
    """1, 2, … for the free indices, so that i and j differ where the sizes allow it."""
    ranges = worked.derivation.ranges(line)
    sizes = {index: worked.example.interpreter.size(ranges[index].size) for index in indices}
    return {index: min(place + 1, sizes[index]) for place, index in enumerate(indices)}


def _page_step(step: Step) -> PageStep:
    return PageStep(step.symbols, step.substituted, step.result, step.rounded, remark=step.remark)
