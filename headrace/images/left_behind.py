"""Calls that know no timeout: made in a thread, and left behind if they take too long.

A name look-up cannot be ended. One that is left behind keeps its thread until the resolver gives
up, after half a minute or so. Whoever chooses the hosts could fill a process with such threads, so
they are bounded: together, and for each domain, so that one name server that does not answer holds
up its own names and no others.
"""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import TypeVar

from headrace.images.deadline import Deadline

T = TypeVar("T")

MOST = 256
MOST_OF_A_KIND = 8


class StuckError(OSError):
    """Too many calls of this kind were left behind, and have not ended yet."""


class LeftBehind:
    """The calls that were left behind, counted by their kind."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left: Counter[str] = Counter()

    def call(self, kind: str, deadline: Deadline, function: Callable[[], T]) -> T:
        """Call a function, and leave it behind when the time is over.

        Args:
            kind: What hangs together, such as the names of one domain.
            deadline: When to leave it behind.
            function: What is called.

        Raises:
            TimeoutError: if the call did not return in time.
            StuckError: if it was not made, as too many of its kind hang already.
            Exception: what the call raised.
        """
        with self._lock:
            if self._left[kind] >= MOST_OF_A_KIND or self._left.total() >= MOST:
                raise StuckError
        future: Future[T] = Future()

        def work() -> None:
            try:
                settle = partial(future.set_result, function())
            except BaseException as error:  # noqa: BLE001 - raised again in the caller
                settle = partial(future.set_exception, error)
            self._end(kind, future, settle)

        threading.Thread(target=work, name="image-call", daemon=True).start()
        try:
            return future.result(deadline.remaining())
        except TimeoutError:
            with self._lock:
                if future.cancel():  # nobody waits for it any longer
                    self._left[kind] += 1
            raise

    def _end(self, kind: str, future: Future[T], settle: Callable[[], None]) -> None:
        with self._lock:
            if future.cancelled():
                self._left[kind] -= 1
                if not self._left[kind]:
                    del self._left[kind]
            else:
                settle()


left_behind = LeftBehind()
"""Those of this process."""


def domain(host: str) -> str:
    """Return the last two labels of a name: whose servers answer for it, more or less."""
    return ".".join(host.lower().rsplit(".", 2)[-2:])
