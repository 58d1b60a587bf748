"""Waiting for what another thread or process brings about."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from headrace.runner.stop import Stop

T = TypeVar("T")


def wait_until(
    ask: Callable[[], T],
    seconds: float = 60.0,
    *,
    every: float = 0.01,
    why: Callable[[], object] = lambda: "it did not come true",
) -> T:
    """Ask again and again until the answer is true; return that answer.

    Args:
        ask: the question.
        seconds: after this time without a true answer, the test fails.
        every: seconds between two questions.
        why: what the failure says, such as the log of a process.
    """
    deadline = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < deadline, why()
        time.sleep(every)
    return answer


def request_soon(stop: Stop) -> None:
    """Ask a runner to stop, but not before what should not come has had the time to come."""
    threading.Timer(0.3, stop.request).start()
