"""The two forms of every call, judged equal: the textbook form, which pages read, and the stable one, which runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from symformer.programs import Call, Computed, Program, Repeat, reachable
from symformer.proof import Judge, Verdict


class JudgedForms(NamedTuple):
    """A call, and the verdict on `textbook form = stable form`."""

    call: Computed
    verdict: Verdict

    @property
    def passes(self) -> bool:
        """Whether the two are equal as far as the judge can see."""
        return self.verdict.kind not in ("refuted", "open")


def judged_forms(program: Program, judge: Judge | None = None) -> tuple[JudgedForms, ...]:
    """A verdict for each call of a program, those inside calls and layers too, whose forms differ."""
    judge = judge or Judge()
    found = {call.digest: call for call in _calls(program.outputs)}
    return tuple(JudgedForms(call, _verdict(call, judge)) for call in found.values())


def _verdict(call: Computed, judge: Judge) -> Verdict:
    entry = call.origin.textbook.entry
    return judge.judge(entry, "=", call.origin.stable[call.origin.textbook.indices], entry.ranges)


def _calls(outputs: tuple[Computed, ...]) -> Iterator[Computed]:
    for tensor in reachable(*outputs):
        if isinstance(tensor, Computed) and isinstance(tensor.origin, Call):
            if tensor.origin.textbook != tensor.origin.stable:
                yield tensor
        elif isinstance(tensor.origin, Repeat):
            yield from _calls(tuple(one for one in tensor.origin.loop.statements))
