"""Firehose: a function that transforms the records of a delivery stream.

The answer says of every record what became of it. A failed record is answered `ProcessingFailed`
with its data as they were, so that the stream keeps it apart; raising would set the whole batch
aside. What `process` returns becomes the new data; for None the record is dropped. The headers of a
returned Record become its partition keys.

Records have no key: nothing comes again, so a failed one must hold back no other. That of the
stream that they came from is a header.
"""

import base64
from typing import Any

import msgspec

from headrace.json_text import JsonError
from headrace.processing.outcomes import Outcomes
from headrace.record import Headers, MessagePosition, Record
from headrace.sources.answer import as_reply
from headrace.sources.base import Redelivery, parse, utf8

# The service takes 6 MB of response; what stands around the records is small.
_MOST_BYTES = 6_000_000
_AROUND_BYTES = 200  # id, result and punctuation of one record


PARTITION_KEY = "aws.partition-key"
"""The header with the key that a record had in Kinesis."""


class _Metadata(msgspec.Struct, rename="camel"):
    partition_key: str | None = None


class _Message(msgspec.Struct, rename="camel"):
    record_id: str
    data: bytes
    approximate_arrival_timestamp: int | None = None
    kinesis_record_metadata: _Metadata | None = None


class _Event(msgspec.Struct, rename="camel"):
    delivery_stream_arn: str
    records: list[_Message]


class Firehose:
    """Every record is answered by itself."""

    name = "firehose"
    redelivery: Redelivery = "each"

    def records(self, event: Any) -> list[Record]:
        """The records in the order of the event."""
        told = parse(event, _Event, "Firehose")
        stream = told.delivery_stream_arn.rpartition("/")[2]
        return [
            Record(
                self.name,
                MessagePosition(stream, message.record_id),
                message.data,
                None,
                _headers(message),
                message.approximate_arrival_timestamp,
            )
            for message in told.records
        ]

    def respond(self, outcomes: Outcomes) -> dict[str, list[dict[str, Any]]]:
        """Ok, Dropped or ProcessingFailed for each record; what makes 6 MB too many fails."""
        answers = []
        left = _MOST_BYTES
        for index, record in enumerate(outcomes.records):
            answer = _answer(outcomes, index)
            left -= _AROUND_BYTES + len(answer.get("data", ""))
            if left < 0 and "data" in answer:
                left += len(answer["data"])
                answer = _named(record, "ProcessingFailed")
            answers.append(answer)
        return {"records": answers}


def _answer(outcomes: Outcomes, index: int) -> dict[str, Any]:
    record, result = outcomes.records[index], outcomes.results[index]
    if index in outcomes.failures:
        return _named(record, "ProcessingFailed") | _data(record.value)
    if result is None or index in outcomes.rejected:
        return _named(record, "Dropped")
    if not isinstance(result, Record):
        try:
            return _named(record, "Ok") | _data(as_reply(result).body)
        except JsonError:  # what JSON cannot say is this record's own failure
            return _named(record, "ProcessingFailed") | _data(record.value)
    headers = [pair for pair in result.headers if pair[0] != PARTITION_KEY]
    keys = {name: value.decode(errors="replace") for name, value in headers}
    metadata = {"metadata": {"partitionKeys": keys}} if keys else {}
    return _named(record, "Ok") | _data(result.value) | metadata


def _named(record: Record, result: str) -> dict[str, Any]:
    position = record.position
    name = position.id if isinstance(position, MessagePosition) else record.id
    return {"recordId": name, "result": result}


def _data(value: bytes | None) -> dict[str, str]:
    return {"data": base64.b64encode(value or b"").decode()}


def _headers(message: _Message) -> Headers:
    metadata = message.kinesis_record_metadata
    key = metadata.partition_key if metadata else None
    return ((PARTITION_KEY, utf8(key)),) if key else ()
