"""Pipeline schedules: in which order a stage works, how much of it waits for its backward pass, how long it is idle.

The orders are those of GPipe (Huang et al. 2018, arXiv:1811.06965), of 1F1B (Narayanan et al. 2019, PipeDream; 2020,
arXiv:2006.09503) and of its interleaved form (Narayanan et al. 2021, arXiv:2104.04473, section 2.2). What they come to
is counted here task by task; `bubble` and `in_flight` are the formulas, which tests compare with the count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Task:
    """A forward or backward pass of one micro-batch through one chunk of layers."""

    forward: bool
    micro_batch: int
    chunk: int


def order(schedule: str, stage: int, stages: int, micro_batches: int, chunks: int = 1) -> list[Task]:
    """The tasks of a stage, in the order in which it does them."""
    forward = _passes(True, stages, micro_batches, chunks)
    backward = _passes(False, stages, micro_batches, chunks)
    warm = _warm_up(schedule, stage, stages, micro_batches, chunks)
    alternating = [task for pair in zip(forward[warm:], backward, strict=False) for task in pair]
    return forward[:warm] + alternating + backward[len(forward) - warm :]


def _warm_up(schedule: str, stage: int, stages: int, micro_batches: int, chunks: int) -> int:
    """Forward passes before the first backward pass, beside the one that it follows."""
    total = micro_batches * chunks
    if schedule == "gpipe":
        return total
    if schedule == "1f1b":
        return min(stages - stage - 1, total)
    return min(2 * (stages - stage - 1) + (chunks - 1) * stages, total)


def _passes(forward: bool, stages: int, micro_batches: int, chunks: int) -> list[Task]:
    """Passes in order: so many micro-batches as there are stages go through one chunk, then through the next."""
    found = []
    step = stages if chunks > 1 else micro_batches
    for start in range(0, micro_batches, step):
        for chunk in range(chunks) if forward else reversed(range(chunks)):
            found += [Task(forward, number, chunk) for number in range(start, min(start + step, micro_batches))]
    return found


def most_in_flight(tasks: Sequence[Task]) -> int:
    """How many passes through a chunk are kept at once, at most."""
    alive = most = 0
    for task in tasks:
        alive += 1 if task.forward else -1
        most = max(most, alive)
    return most


def idle_share(schedule: str, stages: int, micro_batches: int, chunks: int = 1) -> Fraction:
    """Idle time over working time of the whole pipeline, counted: a backward pass takes as long as two forward ones."""
    queues = [order(schedule, stage, stages, micro_batches, chunks) for stage in range(stages)]
    done: dict[tuple[bool, int, int], int] = {}
    clocks, heads = [0] * stages, [0] * stages
    while any(head < len(queue) for head, queue in zip(heads, queues, strict=True)):
        for stage, queue in enumerate(queues):
            while heads[stage] < len(queue):
                task = queue[heads[stage]]
                ready = _ready(task, stage, stages, chunks, done)
                if ready is None:
                    break
                clocks[stage] = max(clocks[stage], ready) + (1 if task.forward else 2)
                done[task.forward, task.micro_batch, task.chunk * stages + stage] = clocks[stage]
                heads[stage] += 1
    work = 3 * micro_batches * chunks
    return Fraction(max(clocks) - work, work)


def _ready(
    task: Task, stage: int, stages: int, chunks: int, done: dict[tuple[bool, int, int], int]
) -> int | None:  # fmt: skip
    """When what a task waits for is done, or None if it is not yet."""
    place = task.chunk * stages + stage
    if task.forward:
        return 0 if place == 0 else done.get((True, task.micro_batch, place - 1))
    if place == stages * chunks - 1:
        return done.get((True, task.micro_batch, place))
    return done.get((False, task.micro_batch, place + 1))


def bubble(stages: int, micro_batches: int, chunks: int = 1) -> Fraction:
    """Idle time over working time: (p − 1)/(v m), Narayanan et al. 2021, section 2.2."""
    return Fraction(stages - 1, chunks * micro_batches)


def in_flight(schedule: str, stage: int, stages: int, micro_batches: int, chunks: int = 1) -> int:
    """How many passes through one of its chunks a stage keeps at once: the formula."""
    total = micro_batches * chunks
    if schedule == "gpipe":
        return total
    if schedule == "1f1b":
        return min(stages - stage, total)
    return min(2 * (stages - stage - 1) + (chunks - 1) * stages + 1, total)
