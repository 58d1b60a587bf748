"""Records of every source, made from plain values."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from headrace.record import KafkaPosition, KinesisPosition, Position, Record
from headrace.testing.values import GivenHeaders, to_bytes, to_headers, to_key

TOPIC = "orders"
STREAM = "orders"
SHARD = "shardId-000000000000"
# When records are written if a test does not say: the same moment each time, in milliseconds.
WRITTEN_AT = 1_700_000_000_000

# The key of every value, or a function that finds a value's key; None: no key.
GivenKey = str | bytes | Callable[[Any], str | bytes | None] | None


def kafka_record(
    value: Any,
    key: str | bytes | None = None,
    *,
    topic: str = TOPIC,
    partition: int = 0,
    offset: int = 0,
    headers: GivenHeaders = (),
    timestamp: int | None = WRITTEN_AT,
) -> Record:
    """Make a record of a Kafka topic.

    Args:
        value: a JSON value, text or bytes; None is a tombstone.
        key: records of one key stay in order; None is a record without a key.
        topic: the topic's name.
        partition: the partition's number.
        offset: the record's place in its partition.
        headers: a mapping, or pairs if a name repeats.
        timestamp: when the record was written, in milliseconds since the epoch.
    """
    position = KafkaPosition(topic, partition, offset)
    return Record("kafka", position, to_bytes(value), to_key(key), to_headers(headers), timestamp)


def kinesis_record(
    value: Any,
    key: str | bytes = "0",
    *,
    stream: str = STREAM,
    shard: str = SHARD,
    sequence_number: int | str = 1,
    timestamp: int | None = WRITTEN_AT,
) -> Record:
    """Make a record of a Kinesis stream, which always has a key and never has headers.

    Args:
        value: a JSON value, text or bytes; None is an empty record.
        key: the partition key: records of one key stay in order.
        stream: the stream's name.
        shard: the shard's id.
        sequence_number: the record's place in its shard.
        timestamp: when the record arrived, in milliseconds since the epoch.
    """
    position = KinesisPosition(stream, shard, str(sequence_number))
    return Record("kinesis", position, to_bytes(value) or b"", to_key(key), (), timestamp)


def http_record(body: Any = None, **request: Any) -> Record:
    """Make the record of an HTTP request.

    Args:
        body: a JSON value, text or bytes; None is a request without a body.
        request: what `http_event` takes beside the body.
    """
    from headrace.sources import pick  # noqa: PLC0415 - these two take a request apart, and
    from headrace.testing.http_events import http_event  # noqa: PLC0415 - few tests have requests

    event = http_event(body, **request)
    return pick(event).records(event)[0]


def direct_record(value: Any) -> Record:
    """Make the record of a direct invocation with this JSON value."""
    from headrace.sources.direct import Direct  # noqa: PLC0415 - few tests invoke directly

    return Direct().records(value)[0]


def kafka_records(
    values: Iterable[Any], key: GivenKey = None, *, offset: int = 0, **place: Any
) -> list[Record]:
    """Make records of plain values, with offsets that count up; a Record is taken as it is.

    Args:
        values: plain values and records, in the order of their partition.
        key: the key of every plain value, or a function that finds a value's key.
        offset: of the first plain value, if no record comes before it.
        place: what else `kafka_record` takes.
    """
    records: list[Record] = []
    for value in several(values):
        if isinstance(value, Record):
            records.append(value)
            offset = _number(value.position) + 1
        else:
            records.append(kafka_record(value, _key(key, value), offset=offset, **place))
            offset += 1
    return records


def kinesis_records(
    values: Iterable[Any], key: GivenKey = None, *, sequence_number: int = 1, **place: Any
) -> list[Record]:
    """Make records of plain values as `kafka_records` does; without a key each has its own."""
    records: list[Record] = []
    for value in several(values):
        if isinstance(value, Record):
            records.append(value)
            sequence_number = _number(value.position) + 1
        else:
            own = _key(key, value) or str(sequence_number)
            records.append(kinesis_record(value, own, sequence_number=sequence_number, **place))
            sequence_number += 1
    return records


def ascending(records: Iterable[Record]) -> list[Record]:
    """Return the records as a partition or shard holds them: each after the one before it.

    A record whose place is not after that of the record before it gets the next place.
    """
    last: dict[object, int] = {}
    placed = []
    for record in records:
        channel, number = _channel(record.position), _number(record.position)
        if channel in last and number <= last[channel]:
            number = last[channel] + 1
            placed.append(replace(record, position=_move(record.position, number)))
        else:
            placed.append(record)
        last[channel] = number
    return placed


def _key(key: GivenKey, value: Any) -> str | bytes | None:
    return key(value) if callable(key) else key


def _channel(position: Position) -> object:
    match position:
        case KafkaPosition(topic, partition):
            return topic, partition
        case KinesisPosition(stream, shard):
            return stream, shard
    raise _no_stream(position)


def _number(position: Position) -> int:
    match position:
        case KafkaPosition():
            return position.offset
        case KinesisPosition():
            return int(position.sequence_number)
    raise _no_stream(position)


def _move(position: Position, number: int) -> Position:
    if isinstance(position, KafkaPosition):
        return replace(position, offset=number)
    return replace(position, sequence_number=str(number))


def several(values: Iterable[Any]) -> Iterable[Any]:
    """Refuse one value in place of many: its keys or characters would become records.

    Raises:
        TypeError: it is a mapping, text, bytes or a record.
    """
    if isinstance(values, Mapping | str | bytes | Record):
        raise TypeError(f"one {type(values).__name__} in place of a list of values")
    return values


def _no_stream(position: Position) -> TypeError:
    return TypeError(f"a request has no place in a stream: {type(position).__name__}")
