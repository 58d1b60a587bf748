"""Whether what is to be read is there: asked at the start, for a bounded time."""

import math
import time
from collections.abc import Callable
from typing import TypeVar

from headrace.errors import SettingsError
from headrace.log import Log
from headrace.runner.stop import Stop

T = TypeVar("T")

_PATIENCE_SECONDS = 10.0
_AGAIN_SECONDS = 0.5
_TOLD_EVERY_SECONDS = 60.0


class SourceAbsent(SettingsError):
    """The service does not answer for now, or has no such source; the message says which."""


def refusal(what: str, error: Exception, *, passes: bool) -> SettingsError:
    """Return the error of a look that a service answered with an error, or not at all.

    Args:
        what: was looked for.
        error: of the service.
        passes: whether another look may find it.
    """
    return (SourceAbsent if passes else SettingsError)(f"{what}: {error}")


def find(look: Callable[[], T], stop: Stop, log: Log, *, wait: bool) -> T | None:
    """Look until the source is there.

    Args:
        look: finds it, or raises SourceAbsent; it takes a second or two at most.
        stop: ends the search without an error if someone asks to stop.
        log: is told that the runner waits, once a minute.
        wait: go on looking until the source is there, or until the run may end since it is idle;
            if not, the last look is 10 seconds after the first.

    Returns:
        What was found; None if the run is to end.

    Raises:
        SourceAbsent: It is not there.
    """
    begun = time.monotonic()
    told_at = -math.inf
    patience = stop.when_idle if wait else _PATIENCE_SECONDS
    while not stop.requested:
        try:
            return look()
        except SourceAbsent as absent:
            now = time.monotonic()
            if patience is not None and now - begun >= patience:
                raise
            if wait and now - told_at >= _TOLD_EVERY_SECONDS:
                log.warning("waiting for the source", why=str(absent))
                told_at = now
        stop.wait(_AGAIN_SECONDS)
    return None
