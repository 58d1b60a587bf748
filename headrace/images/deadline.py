"""One point in time by which everything has to be done."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

# Calls that were given up on still hold their thread until they return (a resolver, within half a
# minute or so). Enough for a busy process, too few to exhaust it.
_SLOTS = threading.BoundedSemaphore(64)


class Deadline:
    """A deadline; `TimeoutError`, as sockets raise it, says that it has passed."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def remaining(self) -> float:
        """Return the seconds left, more than zero.

        Raises:
            TimeoutError: if none are left.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Calls what knows no timeout of its own, and leaves it behind when the time is over.

        Raises:
            TimeoutError: the call did not return in time.
        """
        if not _SLOTS.acquire(timeout=self.remaining()):
            raise TimeoutError
        future: Future[T] = Future()

        def work() -> None:
            try:
                future.set_result(function(*args, **kwargs))
            except BaseException as error:  # noqa: BLE001 - raised again in the caller
                future.set_exception(error)
            finally:
                _SLOTS.release()

        threading.Thread(target=work, name="image-call", daemon=True).start()
        return future.result(self.remaining())
