"""How a command ends from outside, by Ctrl-C, a request to stop, or a reader who has gone: quietly, as a shell says."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NoReturn, TextIO

REQUESTS = (signal.SIGTERM, signal.SIGHUP)


class Terminated(BaseException):
    """The process was asked to stop. No handler of errors takes it, and what cleans up does."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.status = 128 + number


def ended(run: Callable[[], int]) -> int:
    """The status of a command, also of one that is ended from outside: 130, 143 or 129, and 141 for a closed pipe."""
    try:
        with _requests_raise():
            status = run()
            for stream in (sys.stdout, sys.stderr):
                if stream is not None:
                    stream.flush()
            return status
    except BrokenPipeError:
        _let_go(sys.stdout)
        return 128 + signal.SIGPIPE
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except Terminated as request:
        return request.status


@contextmanager
def _requests_raise() -> Iterator[None]:
    """While a command runs, a request to stop is raised where the command is, so that it cleans up on its way out."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in REQUESTS}
    for number, handler in before.items():
        if handler == signal.SIG_DFL:  # who was started to ignore it, by nohup say, goes on ignoring it
            signal.signal(number, _raise)
    try:
        yield
    finally:
        for number, handler in before.items():
            if handler is not None:
                signal.signal(number, handler)


def _raise(number: int, frame: Any) -> NoReturn:
    raise Terminated(number)


def _let_go(stream: TextIO | None) -> None:
    """Nothing more is written to a stream that nobody reads, not even at the end of the interpreter."""
    with suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())  # type: ignore[union-attr]  # a process without one has nothing to let go of
        os.close(nowhere)
