"""The events that AWS Lambda's pollers send, built from records."""

import base64
from collections.abc import Sequence
from typing import Any

import msgspec

from headrace import json_text
from headrace.position import NO_TIME
from headrace.record import (
    DynamoDbPosition,
    KafkaPosition,
    KinesisPosition,
    Record,
    kafka_position,
    kinesis_position,
)
from headrace.unread_record import message_of

_LOCAL_STREAM = "arn:aws:kinesis:local:000000000000:stream/"
# By the number of the client; the last is of a topic whose broker stamps what it takes.
_TIME_TYPES = ("NO_TIMESTAMP_TYPE", "CREATE_TIME", "LOG_APPEND_TIME")


def kafka_event(records: Sequence[Record], bootstrap_servers: str) -> dict[str, Any]:
    """The event of a self-managed Kafka cluster."""
    partitions: dict[str, list[dict[str, Any]]] = {}
    for record in records:
        position = kafka_position(record)
        name = f"{position.topic}-{position.partition}"
        partitions.setdefault(name, []).append(_kafka_record(record, position))
    return {
        "eventSource": "SelfManagedKafka",
        "bootstrapServers": bootstrap_servers,
        "records": partitions,
    }


def kinesis_event(records: Sequence[Record], stream_arn: str) -> dict[str, Any]:
    """The event of a Kinesis data stream."""
    region = stream_arn.split(":")[3]
    return {"Records": [_kinesis_record(record, stream_arn, region) for record in records]}


def dynamodb_event(records: Sequence[Record]) -> dict[str, Any]:
    """The event of a table's stream: the values of its records are what the service says."""
    return {"Records": [json_text.decode(record.value or b"") for record in records]}


def event_of(records: Sequence[Record]) -> dict[str, Any]:
    """The event of records whose brokers or account are not known."""
    position = records[0].position
    if isinstance(position, KinesisPosition):
        return kinesis_event(records, _LOCAL_STREAM + position.stream)
    if isinstance(position, DynamoDbPosition):
        return dynamodb_event(records)
    return kafka_event(records, "")


def kafka_time(record: Record) -> int:
    """The time of a record as Kafka says it."""
    return NO_TIME if record.timestamp is None else record.timestamp


def _time_type(record: Record) -> str:
    """Whose time it is: a message knows; a record without its message is of a producer."""
    message = message_of(record)
    kind = int(record.timestamp is not None) if message is None else message.timestamp()[0]
    return _TIME_TYPES[kind]


def _kafka_record(record: Record, position: KafkaPosition) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "topic": position.topic,
        "partition": position.partition,
        "offset": position.offset,
        "timestamp": kafka_time(record),
        "timestampType": _time_type(record),
        "headers": [{name: _signed(value)} for name, value in record.headers],
    }
    if record.key is not None:
        entry["key"] = _base64(record.key)
    if record.value is not None:
        entry["value"] = _base64(record.value)
    for part, schema in (("key", record.key_schema), ("value", record.value_schema)):
        if schema is not None:
            entry[f"{part}SchemaMetadata"] = msgspec.to_builtins(schema)
    return entry


def _kinesis_record(record: Record, stream_arn: str, region: str) -> dict[str, Any]:
    position = kinesis_position(record)
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": (record.key or b"").decode(),
            "sequenceNumber": position.sequence_number,
            "data": _base64(record.value or b""),
            "approximateArrivalTimestamp": (record.timestamp or 0) / 1000,
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": record.id,
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": "arn:aws:iam::000000000000:role/headrace",
        "awsRegion": region,
        "eventSourceARN": stream_arn,
    }


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _signed(data: bytes) -> list[int]:
    # The service writes Java's bytes, which run from -128 to 127.
    return list(memoryview(data).cast("b"))
