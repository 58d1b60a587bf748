"""The events of the stream sources, as AWS Lambda sends them, made from plain values."""

from collections.abc import Iterable
from typing import Any

from headrace.runner.protocol import events
from headrace.testing.records import GivenKey, ascending, kafka_records, kinesis_records

_ACCOUNT = "us-east-1:000000000000"


def kafka_event(
    values: Iterable[Any],
    key: GivenKey = None,
    *,
    bootstrap_servers: str = "localhost:9092",
    cluster: str | None = None,
    **place: Any,
) -> dict[str, Any]:
    """Make the event of a batch of a Kafka topic.

    A record whose offset is not above the one before it in its partition gets the next offset.

    Args:
        values: plain values and records (`kafka_record`), in order.
        key: the key of every plain value, or a function that finds a value's key.
        bootstrap_servers: what the event names.
        cluster: the name of an MSK cluster; None is a self-managed cluster.
        place: `topic`, `partition`, `offset`, `headers` and `timestamp` of the plain values.
    """
    records = ascending(kafka_records(values, key, **place))
    event = events.kafka_event(records, bootstrap_servers)
    if cluster is not None:
        arn = f"arn:aws:kafka:{_ACCOUNT}:cluster/{cluster}/00000000-0000-0000-0000-000000000000-1"
        event |= {"eventSource": "aws:kafka", "eventSourceArn": arn}
    return event


def kinesis_event(
    values: Iterable[Any], key: GivenKey = None, *, stream: str = "orders", **place: Any
) -> dict[str, Any]:
    """Make the event of a batch of a Kinesis stream.

    A record whose sequence number is not above the one before it gets the next number.

    Args:
        values: plain values and records (`kinesis_record`), in order.
        key: the key of every plain value, or a function that finds a value's key; None gives
            each value a key of its own.
        stream: the stream's name.
        place: `shard`, `sequence_number` and `timestamp` of the plain values.
    """
    records = ascending(kinesis_records(values, key, stream=stream, **place))
    return events.kinesis_event(records, f"arn:aws:kinesis:{_ACCOUNT}:stream/{stream}")
