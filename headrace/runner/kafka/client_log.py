"""What librdkafka says, as lines of the runner's log: the same again is counted, not repeated.

A client without its broker says so several times a second, for each broker and each thread of its
own. A line is told at once if it is the first of its kind within a minute; the next one tells how
many there were in between. Lines are of one kind if they differ in addresses and numbers alone.
"""

import logging
import re
import threading
import time
from collections.abc import Callable
from typing import Any

import msgspec

from headrace.log import Log

_SECONDS = 60.0
_VARIABLE = re.compile(r"\[thrd:[^\]]*\]:? ?|(?:[\w.-]+|\[[\da-f:]+\]):\d+(?:/\w+)?|\d+")


class _Kind(msgspec.Struct):
    """When a kind was last told, and how often it came since."""

    told_at: float
    since: int = 0


class ClientLog:
    """A log for the client. Its threads may all call it.

    Args:
        log: takes the lines.
        clock: tells the time, in seconds.
    """

    def __init__(self, log: Log, clock: Callable[[], float] = time.monotonic) -> None:
        self._log = log
        self._clock = clock
        self._lock = threading.Lock()
        self._kinds: dict[str, _Kind] = {}

    def log(self, level: int, text: str, *args: object) -> None:
        """Take a line as confluent's client gives it: `%s [%s] %s`, facility, client, message."""
        message = text % args
        write = self._log.info
        if level >= logging.ERROR:
            write = self._log.error
        elif level >= logging.WARNING:
            write = self._log.warning
        self._tell(write, message, {})

    def warning(self, message: str, **fields: Any) -> None:
        """Tell of an error that passes by itself."""
        self._tell(self._log.warning, message, fields)

    def _tell(self, write: Callable[..., None], message: str, fields: dict[str, Any]) -> None:
        kind = _VARIABLE.sub("#", " ".join((message, *map(str, fields.values()))))
        now = self._clock()
        with self._lock:
            known = self._kinds.get(kind)
            if known is not None and now < known.told_at + _SECONDS:
                known.since += 1
                return
            self._kinds[kind] = _Kind(now)
        write(message, **fields, repeated=known.since or None if known is not None else None)
