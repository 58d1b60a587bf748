"""How large a batch is as the service's event: by arithmetic, no JSON is built.

The service closes a batch at 6 MB of encoded event, and gives a record up that is larger alone.
The size is that of compact JSON in UTF-8: exact for what varies, a few bytes over for what a
record does not know (the account of a stream, the brokers of a cluster).
"""

from collections.abc import Sequence

import msgspec

from headrace.record import DynamoDbPosition, Headers, KafkaPosition, KinesisPosition, Record
from headrace.runner.protocol.events import kafka_event, kafka_time, kinesis_event

LIMIT = 6 * 1024 * 1024
"""Bytes of one invocation's event."""

# Around the records: their partition's name, the brokers of a large cluster.
_ENVELOPE = 4096
ROOM = LIMIT - _ENVELOPE
"""Bytes that records may take of it."""

# Without a time: that is the longest of the types of times.
_EMPTY_KAFKA = kafka_event([Record("kafka", KafkaPosition("", 0, 0), b"", b"")], "")
_KAFKA = len(msgspec.json.encode(_EMPTY_KAFKA["records"]["-0"][0])) - len("00-1,") + 2 * len(",")
# Of a stream's ARN, all but the name; a time with milliseconds is 14 bytes longer than 0.
_ARN = "arn:aws-iso-b:kinesis:us-isob-east-1:123456789012:stream/"
_EMPTY_KINESIS = kinesis_event([Record("kinesis", KinesisPosition("", "", ""), b"")], _ARN)
_KINESIS = len(msgspec.json.encode(_EMPTY_KINESIS["Records"][0])) + len(",") + 14
_MOST_FIXED = 1024  # more than either of them with topic, shard and numbers

# A header's bytes are written as a list of signed numbers: the length of each, with a comma.
_WIDTHS = bytes(len(f"{octet - 256 if octet > 127 else octet},") for octet in range(256))
# The length of each byte of a text: control characters and quotes are escaped.
_ESCAPES = dict.fromkeys(b'\b\t\n\f\r"\\', 2)
_TEXT = bytes(_ESCAPES.get(octet, 6 if octet < 0x20 else 1) for octet in range(256))


def fitting(records: Sequence[Record], most: int) -> int:
    """How many of the first `most` records make one batch: as many as fit, but at least one."""
    chosen = records if len(records) <= most else records[:most]
    if _bound(chosen) <= ROOM:
        return len(chosen)
    room = ROOM
    for count, record in enumerate(chosen):
        room -= size(record)
        if room < 0:
            return max(1, count)
    return len(chosen)


def oversized(record: Record) -> bool:
    """Whether no event can hold this record, not even alone."""
    return size(record) > ROOM


def size(record: Record) -> int:
    """Bytes that the record takes in an event, with a comma."""
    position = record.position
    if isinstance(position, KafkaPosition):
        numbers = f"{position.topic}{position.partition}{position.offset}{kafka_time(record)}"
        key = 0 if record.key is None else _base64(record.key)
        value, schemas = _base64(record.value), _schemas(record)
        return _KAFKA + len(numbers) + key + value + _headers(record.headers) + schemas
    if isinstance(position, KinesisPosition):
        names = len(position.stream) + len(position.shard) + 2 * len(position.sequence_number)
        return _KINESIS + names + text_size(record.key or b"") + _base64(record.value)
    if isinstance(position, DynamoDbPosition):
        return len(record.value or b"") + len(",")  # as the service says it, as it stands
    return _base64(record.value)


def largest(longest: int, keys: Sequence[bytes | None], headers: Sequence[Headers]) -> int:
    """Quickly, a size that no record from Kafka reaches.

    Args:
        longest: bytes that no value exceeds.
        keys: of each record.
        headers: of each record.
    """
    key = max(map(len, filter(None, keys)), default=0)
    return _MOST_FIXED + 2 * (longest + key) + max(map(_most_of, filter(None, headers)), default=0)


def _bound(records: Sequence[Record]) -> int:
    """Quickly, a size that these records do not reach."""
    values = sum([len(record.value) for record in records if record.value])
    keys = sum([len(record.key) for record in records if record.key])
    headers = [record.headers for record in records if record.headers]
    return len(records) * _MOST_FIXED + 2 * values + 6 * keys + sum(map(_most_of, headers))


def _most_of(headers: Headers) -> int:
    return sum(6 * len(name.encode()) + 5 * len(value) + 8 for name, value in headers)


def _base64(data: bytes | None) -> int:
    return 4 * (((0 if data is None else len(data)) + 2) // 3)


def _headers(headers: Headers) -> int:
    return sum(
        len('{"":[]},') + text_size(name.encode()) + sum(value.translate(_WIDTHS))
        for name, value in headers
    )


def _schemas(record: Record) -> int:
    return sum(
        len(f',"{part}SchemaMetadata":') + len(msgspec.json.encode(schema))
        for part, schema in (("key", record.key_schema), ("value", record.value_schema))
        if schema is not None
    )


def text_size(data: bytes) -> int:
    """Bytes of a JSON string without its quotes."""
    return sum(data.translate(_TEXT))
