"""Kinesis Data Streams.

AWS Lambda delivers what the Kinesis Producer Library packed into one record as that one record.
It is taken apart here, so that a worker meets the same records in Lambda as under the runner.
The service knows only the sequence number of the whole: if a part of it fails, all of it comes
again.
"""

from itertools import repeat
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from headrace.errors import MalformedEvent
from headrace.names import is_stream, stream_name
from headrace.processing.outcomes import Outcomes
from headrace.record import KinesisPosition, Record, milliseconds
from headrace.sources.base import Redelivery, Seconds, parse, utf8
from headrace.sources.kpl import MAGIC, user_records

_LONGEST = 200  # digits; the service's own have 56


class _Data(msgspec.Struct, gc=False, rename="camel"):
    partition_key: str
    sequence_number: Annotated[str, Meta(min_length=1, max_length=_LONGEST)]
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
        # By columns, not by rows: this runs for every record.
        held = [message.kinesis for message in messages]
        numbers = [one.sequence_number for one in held]
        _check_numbers(numbers)
        shards = [message.eventID.partition(":")[0] for message in messages]
        values = [one.data for one in held]
        positions = map(KinesisPosition, repeat(stream), shards, numbers)
        keys = _keys([one.partition_key for one in held])
        times = [milliseconds(one.approximate_arrival_timestamp) for one in held]
        columns = (repeat("kinesis"), positions, values, keys, repeat(()), times)
        records: list[Record] = list(map(Record, *columns))
        if any([value[:4] == MAGIC for value in values]) and self._unpack:  # noqa: C419
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
    # Bytes, since they are looked at far faster than characters.
    if not "".join(numbers).encode(errors="replace").isdigit():
        raise MalformedEvent("malformed Kinesis event: a sequence number is not in decimal digits")


def _keys(keys: list[str]) -> list[bytes]:
    try:
        return [key.encode() for key in keys]
    except UnicodeEncodeError:  # half a surrogate pair, which JSON can hold
        return [utf8(key) for key in keys]


def stream_of(arn: str) -> str:
    """Return the name of a stream. Raises MalformedEvent if no stream can be called so."""
    name = stream_name(arn)
    if not is_stream(name):
        raise MalformedEvent(f"malformed Kinesis event: {name[:300]!r} is no stream name")
    return name
