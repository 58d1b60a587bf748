"""A connection that waits for so long, and no longer.

The server ends a statement that takes too long, if it can. One that stands still, on a machine that
does not, says nothing, and its machine acknowledges what it is sent: to the network, all is well.
"""

import time
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen

_Found = TypeVar("_Found")

_GRACE_SECONDS = 5.0  # in which the server may say that a statement took too long


class WaitingConnection(psycopg.Connection[tuple[Any, ...]]):
    """A connection of psycopg's.

    Attributes:
        seconds: that the server may take for a statement; None: as many as it likes.
    """

    seconds: float | None = None

    def wait(self, gen: PQGen[_Found], *args: Any, **kwargs: Any) -> _Found:
        """Wait for an answer.

        Raises:
            psycopg.OperationalError: the server does not answer.
        """
        if self.seconds is not None:
            gen = _until(time.monotonic() + self.seconds + _GRACE_SECONDS, gen)
        return super().wait(gen, *args, **kwargs)


def _until(deadline: float, gen: PQGen[_Found]) -> PQGen[_Found]:
    """Go on with what waits for the server, but no longer than until the deadline."""
    try:
        wanted = next(gen)
        while True:
            ready = yield wanted  # nothing, several times a second, if there is nothing
            if not ready and time.monotonic() > deadline:
                raise psycopg.OperationalError("the server does not answer")
            wanted = gen.send(ready)
    except StopIteration as end:
        found: _Found = end.value
        return found
