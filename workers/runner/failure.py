"""The failure destination: where records go that are given up.

A record that is given up takes the form of every other dead letter (workers.dead_letter), with
the service's condition as the type of its error; so one reader and one replay serve both.
"""

import threading
from collections.abc import Sequence

from workers import dead_letter
from workers.record import Record
from workers.sinks import Sink


class FailureDestination:
    """Writes failure records to a sink, one writer at a time."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._lock = threading.Lock()

    def write(
        self, records: Sequence[Record], reasons: Sequence[Exception]
    ) -> list[Exception | None]:
        """Write and wait: for each record, None (acknowledged) or what stood in the way."""
        messages = [
            dead_letter.encode(record, reason)
            for record, reason in zip(records, reasons, strict=True)
        ]
        with self._lock:
            return self._sink.send(messages)

    def close(self) -> None:
        """Let go of the sink."""
        self._sink.close()
