"""One point in time by which everything has to be done."""

import time


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
