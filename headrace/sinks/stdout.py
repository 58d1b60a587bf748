"""`stdout:` writes one JSON line for each message (the form of `headrace.sinks.lines`)."""

import sys
from collections.abc import Sequence

from headrace.sinks import lines
from headrace.sinks.base import Message
from headrace.sinks.url import SinkUrl


def open_url(url: SinkUrl) -> "StdoutSink":
    """Open `stdout:`; it takes no host, no path and no parameters."""
    url.allow(())
    if url.host or url.path:
        raise url.wrong("write just stdout:")
    if sys.__stdout__ is None:  # the null device stands in for it, and would take what is lost
        raise url.wrong("standard output is closed")
    return StdoutSink()


class StdoutSink:
    """Acknowledged once the line is flushed."""

    def send(self, messages: Sequence[Message]) -> list[Exception | None]:
        """Write the lines one by one."""
        return [_write(message) for message in messages]

    def close(self) -> None:
        """Leave standard output open: it belongs to the process."""


def _write(message: Message) -> Exception | None:
    try:
        sys.stdout.write(lines.encode(message).decode() + "\n")
        sys.stdout.flush()
    except (OSError, ValueError) as error:
        return error
    return None
