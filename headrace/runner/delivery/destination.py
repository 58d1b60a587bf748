"""The failure destination: where records go that are given up, each in a message of its own.

A message has the service's form (`headrace.dead_letters.failure_record`) with the payload in it,
whatever the destination, so that the record can be put back when its stream keeps it no longer. Its
key is the record's. If a destination cannot take a message of that size, it gets the same without
payload, as the service would have written it: then the record is only where the stream keeps it.
"""

import threading
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from msgspec import UNSET

from headrace.dead_letters.failure_record import (
    FailureRecord,
    RequestContext,
    Response,
    ResponseContext,
)
from headrace.dead_letters.letter import encodable
from headrace.dead_letters.place import bare_info, batch_info
from headrace.dead_letters.times import now
from headrace.errors import message_of
from headrace.record import DynamoDbPosition, Record
from headrace.runner.delivery.limits import GivenUp, RecordAgeExceeded
from headrace.runner.protocol.events import event_of
from headrace.runner.protocol.response import BadResponse, ReportedFailure
from headrace.sinks import Message, Sink
from headrace.sinks.base import ContentRefused

# Of a failure record that is to be small.
_MOST_ERROR = 1_000

LOCAL_FUNCTION = "arn:aws:lambda:local:000000000000:function:headrace"


class FailureDestination:
    """Writes failure records to a sink, one writer at a time.

    Args:
        sink: where they go.
        build: makes the event of a record, for the payload.
        function_arn: what was invoked.
        as_text: write the payload as escaped JSON text, as the service does in S3.
    """

    def __init__(
        self,
        sink: Sink,
        build: Callable[[Sequence[Record]], dict[str, Any]] = event_of,
        function_arn: str = LOCAL_FUNCTION,
        *,
        as_text: bool = False,
    ) -> None:
        self._sink = sink
        self._build = build
        self._function_arn = function_arn
        self._as_text = as_text
        self._lock = threading.Lock()

    def write(
        self, records: Sequence[Record], reasons: Sequence[Exception]
    ) -> list[Exception | None]:
        """Write and wait: for each record, None (acknowledged) or what stood in the way."""
        found = [self._describe(r, reason) for r, reason in zip(records, reasons, strict=True)]
        with self._lock:
            refusals = self._send(records, found)
            large = [n for n, refusal in enumerate(refusals) if _is_for_content(refusal)]
            if large:
                bare = [_without_bulk(found[n]) for n in large]
                again = self._send([records[n] for n in large], bare)
                refusals = [*refusals]
                for number, refusal in zip(large, again, strict=True):
                    refusals[number] = refusal
            return refusals

    def close(self) -> None:
        """Let go of the sink."""
        self._sink.close()

    def _send(
        self, records: Sequence[Record], found: Sequence[FailureRecord]
    ) -> list[Exception | None]:
        return self._sink.send(
            [
                Message(record.key, msgspec.json.encode(failure), id=_name_of(record))
                for record, failure in zip(records, found, strict=True)
            ]
        )

    def _describe(self, record: Record, reason: Exception) -> FailureRecord:
        """Describe a failure. What cannot be described is left out: it must not end the run."""
        last = reason.last if isinstance(reason, GivenUp) else None
        bare = FailureRecord(
            request_context=RequestContext(
                request_id=getattr(last, "request_id", None) or str(uuid.uuid4()),
                function_arn=self._function_arn,
                condition=type(reason).__name__,
                approximate_invoke_count=reason.invocations if isinstance(reason, GivenUp) else 0,
            ),
            response_context=_response_context(reason, last),
            timestamp=now(),
            response_payload=_response(last),
            **bare_info(record),
        )
        try:
            return self._with_payload(bare, record)
        except Exception:  # noqa: BLE001 - whatever a record may hold that an event cannot
            return bare

    def _with_payload(self, failure: FailureRecord, record: Record) -> FailureRecord:
        headers = tuple((encodable(name), value) for name, value in record.headers)
        # One that is not read as a whole keeps its message, which knows whose time it has.
        event = self._build([msgspec.structs.replace(record, headers=headers)])
        text = msgspec.json.encode(event).decode()
        info = batch_info(record, event)
        return msgspec.structs.replace(failure, payload=text if self._as_text else event, **info)


def _name_of(record: Record) -> str:
    """Return a name that begins with the record's partition or shard: objects are named by it."""
    place = record.position
    if isinstance(place, DynamoDbPosition):  # its own name begins with the table's
        return f"{place.shard}:{place.sequence_number}"
    return record.id


def _is_for_content(refusal: Exception | None) -> bool:
    """Whether the destination refused what it was sent."""
    return isinstance(refusal, ContentRefused)


def _response_context(
    reason: Exception, last: Exception | None
) -> ResponseContext | msgspec.UnsetType:
    """Return how the last invocation ended; the service leaves it out if that is not the reason."""
    if last is None or isinstance(reason, RecordAgeExceeded):
        return UNSET
    if isinstance(last, ReportedFailure | BadResponse):  # there was a response
        return ResponseContext()
    return ResponseContext(function_error="Unhandled")


def _without_bulk(failure: FailureRecord) -> FailureRecord:
    """Return a failure record without payload; an error may be as long as a page that it quotes."""
    response = failure.response_payload
    if not isinstance(response, msgspec.UnsetType):
        message = response.error_message[:_MOST_ERROR]
        response = msgspec.structs.replace(response, error_message=message)
    return msgspec.structs.replace(failure, payload=UNSET, response_payload=response)


def _response(last: Exception | None) -> Response | msgspec.UnsetType:
    if last is None:
        return UNSET
    return Response(error_type=type(last).__name__, error_message=encodable(message_of(last)))
