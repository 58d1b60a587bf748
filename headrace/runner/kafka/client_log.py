"""What librdkafka says, as lines of the runner's log: the same again is counted, not repeated.

A client without its broker says so several times a second, for each broker and each thread of its
own. A line is told at once if it is the first of its kind within a minute; the next one tells how
many there were in between. Lines are of one kind if they differ in addresses and numbers alone.
"""

import logging
import re
import time
from collections.abc import Callable
from typing import Any

from headrace.log import Log
from headrace.seldom import Seldom

_SECONDS = 60.0
_VARIABLE = re.compile(r"\[thrd:[^\]]*\]:? ?|(?:[\w.-]+|\[[\da-f:]+\]):\d+(?:/\w+)?|\d+")


class ClientLog:
    """A log for the client. Its threads may all call it.

    Args:
        log: takes the lines.
        clock: tells the time, in seconds.
    """

    def __init__(self, log: Log, clock: Callable[[], float] = time.monotonic) -> None:
        self._log = log
        self._seldom = Seldom(_SECONDS, clock)

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
        repeated = self._seldom.due(kind)
        if repeated is not None:
            write(message, **fields, repeated=repeated or None)
