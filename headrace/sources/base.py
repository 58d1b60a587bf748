"""The contract of an event source: an event becomes records, outcomes become a response."""

from typing import Annotated, Any, Literal, Protocol, TypeVar

import msgspec
from msgspec import Meta

from headrace import json_text
from headrace.errors import MalformedEvent
from headrace.prepared import prepared
from headrace.processing.outcomes import Outcomes
from headrace.record import Record

T = TypeVar("T")

SequenceNumber = Annotated[str, Meta(pattern="^[0-9]{1,200}$")]
"""Where a record stands in a shard: a number in decimal digits."""

Seconds = Annotated[float, Meta(ge=-1e11, le=1e12)]
"""A time since the epoch. JSON of Python's may say NaN or infinity, which are none."""

Envelope = Literal["sns", "s3", "eventbridge"]
"""What may be wrapped around a message; see `headrace.sources.envelopes`."""

Redelivery = Literal["partial", "whole", "each", "caller"]


class Source(Protocol):
    """One event source: it knows the shape of its event and of its response, nothing else.

    Attributes:
        name: the `source` of its records.
        redelivery: what becomes of a failed record. "partial": the response names what comes
            again, if the event source mapping asks for such responses. "whole": the service reads
            no response; if the call fails, the event comes again. "each": the response says of
            every record what became of it. "caller": nothing comes again; a caller waits.
    """

    name: str
    redelivery: Redelivery

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


def utf8(text: str) -> bytes:
    """Encode text of an event; half a surrogate pair, which JSON can hold, is kept as it is."""
    return text.encode(errors="surrogatepass")


def parse(event: Any, shape: type[T], source: str) -> T:
    """Check the event against its shape (base64 is decoded on the way). Raises MalformedEvent."""
    try:
        return msgspec.convert(event, prepared(shape))
    except (msgspec.ValidationError, UnicodeError) as error:
        raise MalformedEvent(f"malformed {source} event: {error}") from None


def as_json(value: Any, source: str) -> bytes:
    """Return a part of an event as JSON. Raises MalformedEvent if it has no form in JSON."""
    try:
        return json_text.encode(value)
    except json_text.JsonError as error:
        raise MalformedEvent(f"malformed {source} event: {error}") from None
