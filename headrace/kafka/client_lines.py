"""What librdkafka says, told seldom: the same again is counted, not repeated.

A client without its broker says so several times a second, for each broker and each thread of its
own. A line is told at once if it is the first of its kind within a minute; the next one tells how
many there were in between.
"""

import logging
import re

from headrace.seldom import Seldom

SECONDS = 60.0
"""How long further lines of a kind are only counted."""

_VARIABLE = re.compile(r"\[thrd:[^\]]*\]:? ?|(?:[\w.-]+|\[[\da-f:]+\]):\d+(?:/\w+)?|\d+")


def kind_of(line: str) -> str:
    """Return what lines have in common that differ in addresses and numbers alone."""
    return _VARIABLE.sub("#", line)


def client_logger(name: str) -> logging.Logger:
    """Return the logger of this name, for a client to write to; its lines are told seldom."""
    logger = logging.getLogger(name)
    if not logger.filters:
        logger.addFilter(_Counting())
    return logger


class _Counting(logging.Filter):
    def __init__(self) -> None:
        super().__init__()
        self._seldom = Seldom(SECONDS)

    def filter(self, record: logging.LogRecord) -> bool:
        repeated = self._seldom.due(kind_of(record.getMessage()))
        record.fields = {"repeated": repeated or None}
        return repeated is not None
