"""Work in processes of its own: what crashes, exits or hangs is told of, the rest is done, and no process stays behind.

Each worker is told one task at a time. It is the leader of a process group, so that what a task has started ends with
it, and the system ends it where its parent dies, of whatever.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import pickle
import signal
import sys
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Any

Task = tuple[Any, ...]
REQUESTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of Linux's prctl


@dataclass(frozen=True)
class Lost:
    """What became of a task that has no result: it ended its process, or took too long."""

    why: str


@dataclass(frozen=True)
class Raised:
    """What a task raised."""

    error: BaseException


Outcome = Any | Lost | Raised


@dataclass
class _Worker:
    """A process, what it is at, and since when."""

    process: BaseProcess
    connection: Connection
    task: int = -1
    deadline: float = float("inf")


@dataclass
class _Crew:
    """The workers of some tasks.

    Attributes:
        function: what they do.
        tasks: its arguments, task by task.
        limit: seconds that a task may take, or None.
    """

    function: Callable[..., Any]
    tasks: Sequence[Task]
    limit: float | None
    workers: list[_Worker] = field(default_factory=list)
    begun: int = 0

    def hire(self) -> None:
        """One more worker, at the next task."""
        here, there = multiprocessing.Pipe()
        process = multiprocessing.Process(target=_serve, args=(there, self.function, os.getpid()), daemon=True)
        with _signals_held():
            process.start()
        there.close()
        worker = _Worker(process, here)
        self.workers.append(worker)
        self.give(worker)

    def give(self, worker: _Worker) -> None:
        """The next task; where there is none, the worker goes."""
        if self.begun == len(self.tasks):
            self.dismiss(worker)
            return
        worker.task, self.begun = self.begun, self.begun + 1
        worker.deadline = float("inf") if self.limit is None else time.monotonic() + self.limit
        with suppress(OSError):  # it ended since: its sentinel says so
            worker.connection.send(self.tasks[worker.task])

    def dismiss(self, worker: _Worker) -> None:
        """Ends a worker, and what it has started."""
        self.workers.remove(worker)
        if worker.process.pid is not None:
            with suppress(OSError):
                os.killpg(worker.process.pid, signal.SIGKILL)
        with suppress(OSError):
            worker.process.kill()  # where it has not made its group yet
        worker.process.join()
        worker.connection.close()

    def outcomes(self, workers: int) -> Generator[tuple[int, Outcome], None, None]:
        """Number and outcome of each task, as they come."""
        try:
            for _ in range(min(workers, len(self.tasks))):
                self.hire()
            while self.workers:
                yield from self._next()
        finally:
            for worker in list(self.workers):
                self.dismiss(worker)

    def _next(self) -> Iterator[tuple[int, Outcome]]:
        nearest = min(worker.deadline for worker in self.workers) - time.monotonic()
        handles = [handle for worker in self.workers for handle in (worker.connection, worker.process.sentinel)]
        ready = wait(handles, None if nearest == float("inf") else max(nearest, 0))
        for worker in list(self.workers):
            found = self._outcome(worker, ready)
            if found is not None:
                yield worker.task, found[0]
                self.go_on(worker, found[0])

    def go_on(self, worker: _Worker, outcome: Outcome) -> None:
        """The next task for a worker, or for one in its place."""
        if not isinstance(outcome, Lost):
            self.give(worker)
            return
        self.dismiss(worker)
        if self.begun < len(self.tasks):
            self.hire()

    def _outcome(self, worker: _Worker, ready: Sequence[Any]) -> tuple[Outcome] | None:
        """What became of a worker's task, as a tuple of one; None while it is at work."""
        if worker.connection in ready:
            with suppress(EOFError, OSError, pickle.UnpicklingError):
                return (worker.connection.recv(),)
        if worker.connection in ready or worker.process.sentinel in ready:
            worker.process.join(1)
            return (Lost(_ended(worker.process.exitcode)),)
        if time.monotonic() >= worker.deadline:
            return (Lost(f"took longer than {self.limit:g} s and was ended"),)
        return None


def worked(
    function: Callable[..., Any], tasks: Sequence[Task], workers: int | None = None, limit: float | None = None
) -> Generator[tuple[int, Outcome], None, None]:
    """Number and outcome of each task, as they come: what the function returns, `Raised`, or `Lost`.

    Args:
        function: what is done, a function of a module.
        tasks: its arguments, task by task.
        workers: how many processes; by default one for each processor.
        limit: seconds that a task may take; a worker that takes longer is ended.
    """
    return _Crew(function, tasks, limit).outcomes(workers or os.cpu_count() or 1)


@contextmanager
def _signals_held() -> Iterator[None]:
    """While a process starts, requests to stop wait: raised amid a fork, they would be lost, or answered twice."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, REQUESTS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _ended(status: int | None) -> str:
    if status is None:
        return "closed its connection"
    return f"ended its process by {signal.Signals(-status).name}" if status < 0 else f"ended its process: exit {status}"


def _serve(connection: Connection, function: Callable[..., Any], parent: int) -> None:
    """A worker's life: tasks until it is dismissed."""
    tied_to(parent)
    with suppress(EOFError, OSError):
        while True:
            task = connection.recv()
            outcome = _Outcome()
            with outcome:
                outcome.value = function(*task)
            connection.send(outcome.value)


def tied_to(parent: int) -> None:
    """This process, in a group of its own, ends with its parent; signals of a terminal are its parent's matter."""
    os.setpgid(0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, REQUESTS)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DEATH_SIGNAL, signal.SIGKILL)
    if multiprocessing.parent_process() is not None and not _is_alive(parent):
        os._exit(1)


def _is_alive(process: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(process, 0)
        return True
    return False


class _Outcome:
    """Whatever a task does, even `raise SystemExit`: it ends the task, and not the worker."""

    def __init__(self) -> None:
        self.value: Any = None

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> bool:
        if error is not None:
            self.value = Raised(_portable(error))
        return True


def _portable(error: BaseException) -> BaseException:
    """The error, or one with its words where it cannot be sent to another process."""
    with suppress(Exception):
        again = pickle.loads(pickle.dumps(error))  # our own bytes, of a moment ago
        if type(again) is type(error) and str(again) == str(error):
            return error
    return RuntimeError(described(error))


def described(error: BaseException) -> str:
    """The kind of an error and its words, also of one that cannot say them."""
    words = "says nothing that can be printed"
    with suppress(Exception):
        words = str(error)
    return f"{type(error).__name__}: {words}"
