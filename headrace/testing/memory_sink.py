"""A sink that keeps what it is given, for a test to look at."""

from collections.abc import Sequence

from headrace.sinks.base import Message


class MemorySink:
    """Keeps what it acknowledged.

    Args:
        refuse: how many messages to refuse first, as a destination that is down.

    Attributes:
        messages: what was written, in order.
        refuse: how many more messages will be refused.
    """

    def __init__(self, refuse: int = 0) -> None:
        self.messages: list[Message] = []
        self.refuse = refuse

    def send(self, messages: Sequence[Message]) -> list[Exception | None]:
        """Keep the messages, or refuse them. Returns None or an OSError for each."""
        return [self._send(message) for message in messages]

    def close(self) -> None:
        """Keep the messages all the same: a test looks at them afterwards."""

    def _send(self, message: Message) -> Exception | None:
        if self.refuse:
            self.refuse -= 1
            return OSError("the destination is down")
        self.messages.append(message)
        return None
