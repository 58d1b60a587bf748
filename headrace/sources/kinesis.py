"""Kinesis Data Streams.

AWS Lambda delivers what the Kinesis Producer Library packed into one record as that one record.
It is taken apart here, so that a worker meets the same records in Lambda as under the runner.
The service knows only the sequence number of the whole: if a part of it fails, all of it comes
again.
"""

from typing import Any

import msgspec

from headrace.errors import MalformedEvent
from headrace.names import is_stream
from headrace.processing.outcomes import Outcomes
from headrace.record import KinesisPosition, Record, kinesis_record
from headrace.sources.base import Redelivery, Seconds, parse
from headrace.sources.kpl import MAGIC, user_records

_LONGEST = 200  # digits; the service's own have 56


class _Data(msgspec.Struct, gc=False, rename="camel"):
    partition_key: str
    sequence_number: str
    data: bytes
    approximate_arrival_timestamp: Seconds


class _Message(msgspec.Struct, gc=False):
    kinesis: _Data
    eventID: str  # noqa: N815 - the service's name
    eventSourceARN: str  # noqa: N815


class _Event(msgspec.Struct):
    Records: list[_Message]


class Kinesis:
    """One shard per batch; the lowest failure is the checkpoint, all after it comes again.

    Args:
        unpack: whether records that the Kinesis Producer Library packed are taken apart.
    """

    name = "kinesis"
    redelivery: Redelivery = "partial"

    def __init__(self, *, unpack: bool = True) -> None:
        self._unpack = unpack

    def records(self, event: Any) -> list[Record]:
        """The batch, in the order of the shard."""
        messages = parse(event, _Event, "Kinesis").Records
        stream = stream_of(messages[0].eventSourceARN)  # one mapping, one stream
        _check_numbers([m.kinesis.sequence_number for m in messages])
        records = [
            kinesis_record(
                KinesisPosition(stream, m.eventID.partition(":")[0], m.kinesis.sequence_number),
                m.kinesis.data,
                m.kinesis.partition_key,
                m.kinesis.approximate_arrival_timestamp,
            )
            for m in messages
        ]
        if any([m.kinesis.data[:4] == MAGIC for m in messages]) and self._unpack:  # noqa: C419
            return [user for record in records for user in user_records(record)]
        return records

    def respond(self, outcomes: Outcomes) -> dict[str, list[dict[str, str]]]:
        """The lowest sequence number that is not done; the service reads no other."""
        failed = (
            record.position.sequence_number
            for record in outcomes.not_done()
            if isinstance(record.position, KinesisPosition)
        )
        lowest = min(failed, key=int, default=None)
        return {"batchItemFailures": [] if lowest is None else [{"itemIdentifier": lowest}]}


def _check_numbers(numbers: list[str]) -> None:
    """Raise MalformedEvent unless all are decimal digits. All at once: it costs every record."""
    digits, lengths = "".join(numbers), list(map(len, numbers))
    # Bytes, since they are looked at far faster than characters.
    if not (digits.encode(errors="replace").isdigit() and min(lengths)) or max(lengths) > _LONGEST:
        raise MalformedEvent("malformed Kinesis event: a sequence number is not in decimal digits")


def stream_of(arn: str) -> str:
    """Return the name of a stream. Raises MalformedEvent if no stream can be called so."""
    name = arn.rpartition("/")[2]
    if not is_stream(name):
        raise MalformedEvent(f"malformed Kinesis event: {name[:300]!r} is no stream name")
    return name
