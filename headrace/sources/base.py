"""The contract of an event source: an event becomes records, outcomes become a response."""

from typing import Any, Protocol, TypeVar

import msgspec

from headrace.errors import MalformedEvent
from headrace.processing.outcomes import Outcomes
from headrace.record import Record

T = TypeVar("T")


class Source(Protocol):
    """One event source: it knows the shape of its event and of its response, nothing else.

    Attributes:
        name: the `source` of its records.
        redelivers: whether failed records come back (a stream), or a caller waits (a request).
    """

    name: str
    redelivers: bool

    def matches(self, event: Any) -> bool:
        """Whether the event is of this source, judged by a few marks alone. Must not raise."""
        ...

    def records(self, event: Any) -> list[Record]:
        """The event's records in the order of delivery.

        Raises:
            MalformedEvent: the event has not the shape that the source promises.
            Reject: the shape is right, but what a waiting caller sent in it is not.
        """
        ...

    def respond(self, outcomes: Outcomes) -> Any:
        """The response for these outcomes, as the service expects it."""
        ...


def parse(event: Any, shape: type[T], source: str) -> T:
    """Check the event against its shape (base64 is decoded on the way). Raises MalformedEvent."""
    try:
        return msgspec.convert(event, shape)
    except msgspec.ValidationError as error:
        raise MalformedEvent(f"malformed {source} event: {error}") from None
