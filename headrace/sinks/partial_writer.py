"""A sink of a service that takes batches and may fail single entries of them."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from headrace.sinks.base import Message
from headrace.sinks.partial_writes import Entry, ServiceLimits, write


class PartialWriter(ABC):
    """The base of such a sink. A kind says what its entries are and how a request is sent.

    Args:
        client: a boto3 client.
        timeout: seconds after which no further request is made.
    """

    limits: ClassVar[ServiceLimits]

    def __init__(self, client: Any, timeout: float) -> None:
        self._client = client
        self._timeout = timeout

    def send(self, messages: Sequence[Message]) -> list[Exception | None]:
        """Write in batches; entries that are throttled are written again until the timeout."""
        return write(messages, self.entry, self.put, self.limits, self._timeout)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    @abstractmethod
    def entry(self, index: int, message: Message) -> Entry:
        """Make the entry of a message, given its place among them."""

    @abstractmethod
    def put(self, requests: list[dict[str, Any]]) -> Sequence[Exception | None]:
        """Send one request; see `headrace.sinks.partial_writes.write`."""
