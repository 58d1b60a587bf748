"""Results for which there is no sink: counted, so that whoever tries a worker hears of them."""

import sys
from collections.abc import Sequence

from headrace.handler import Handler
from headrace.sinks.base import Message


class Dropped:
    """Takes the results of a worker that has no sink, and keeps none."""

    def __init__(self) -> None:
        self._count = 0

    @classmethod
    def of(cls, handler: Handler) -> "Dropped":
        """Stand in for the sink of a worker if it has none. Raises SettingsError."""
        dropped = cls()
        if handler.sink is None and handler.settings.sink_url is None:
            handler.sink = dropped
        return dropped

    def send(self, messages: Sequence[Message]) -> list[Exception | None]:
        """Count the messages."""
        self._count += len(messages)
        return [None] * len(messages)

    def close(self) -> None:
        """Do nothing."""

    def tell(self) -> None:
        """Say on standard error how many results went nowhere, if any did."""
        if self._count:
            sys.stderr.write(
                f"headrace: results that went nowhere: {self._count}; set HEADRACE_SINK_URL,"
                " for instance to stdout:\n"
            )
