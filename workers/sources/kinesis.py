"""Kinesis Data Streams."""

from typing import Any

import msgspec

from workers.outcome import Outcomes
from workers.record import KinesisPosition, Record
from workers.sources.base import parse


class _Data(msgspec.Struct, gc=False, rename="camel"):
    partition_key: str
    sequence_number: str
    data: bytes
    approximate_arrival_timestamp: float


class _Message(msgspec.Struct, gc=False):
    kinesis: _Data
    eventID: str  # noqa: N815 - the service's name
    eventSourceARN: str  # noqa: N815


class _Event(msgspec.Struct):
    Records: list[_Message]


class Kinesis:
    """One shard per batch; the lowest failure is the checkpoint, all after it comes again."""

    name = "kinesis"
    redelivers = True

    def matches(self, event: Any) -> bool:
        """Judge by the first record's `eventSource`."""
        records = event.get("Records") if isinstance(event, dict) else None
        first = records[0] if isinstance(records, list) and records else None
        return isinstance(first, dict) and first.get("eventSource") == "aws:kinesis"

    def records(self, event: Any) -> list[Record]:
        """The batch, in the order of the shard."""
        messages = parse(event, _Event, "Kinesis").Records
        stream = messages[0].eventSourceARN.rpartition("/")[2]  # one mapping, one stream
        return [
            Record(
                "kinesis",
                KinesisPosition(stream, m.eventID.partition(":")[0], m.kinesis.sequence_number),
                m.kinesis.data,
                m.kinesis.partition_key.encode(),
                (),
                int(m.kinesis.approximate_arrival_timestamp * 1000 + 0.5),
            )
            for m in messages
        ]

    def respond(self, outcomes: Outcomes) -> dict[str, list[dict[str, str]]]:
        """The lowest sequence number that is not done; the service reads no other."""
        failed = (
            record.position.sequence_number
            for record in outcomes.not_done()
            if isinstance(record.position, KinesisPosition)
        )
        lowest = min(failed, key=int, default=None)
        return {"batchItemFailures": [] if lowest is None else [{"itemIdentifier": lowest}]}
