"""What librdkafka says, as lines of the runner's log (see `headrace.kafka.client_lines`)."""

import logging
import time
from collections.abc import Callable
from typing import Any

from headrace.kafka.client_lines import SECONDS, kind_of
from headrace.log import Log
from headrace.seldom import Seldom


class ClientLog:
    """A log for the client. Its threads may all call it.

    Args:
        log: takes the lines.
        clock: tells the time, in seconds.
    """

    def __init__(self, log: Log, clock: Callable[[], float] = time.monotonic) -> None:
        self._log = log
        self._seldom = Seldom(SECONDS, clock)

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
        kind = kind_of(" ".join((message, *map(str, fields.values()))))
        repeated = self._seldom.due(kind)
        if repeated is not None:
            write(message, **fields, repeated=repeated or None)
