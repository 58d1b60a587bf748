"""Kafka: Amazon MSK and self-managed clusters."""

from typing import Any

import msgspec

from headrace.errors import MalformedEvent
from headrace.names import is_topic
from headrace.position import NO_TIME
from headrace.processing.outcomes import Outcomes
from headrace.record import Headers, KafkaPosition, PayloadSchema, Record
from headrace.sources.base import Redelivery, parse


class _Message(msgspec.Struct, gc=False):
    topic: str
    partition: int
    offset: int
    timestamp: int | None = None
    key: bytes | None = None
    value: bytes | None = None
    headers: list[dict[str, list[int]]] | None = None
    value_schema: PayloadSchema | None = msgspec.field(default=None, name="valueSchemaMetadata")
    key_schema: PayloadSchema | None = msgspec.field(default=None, name="keySchemaMetadata")


class _Event(msgspec.Struct):
    records: dict[str, list[_Message]]


class Kafka:
    """One invocation may mix partitions; each failed partition resumes at its lowest failure."""

    name = "kafka"
    redelivery: Redelivery = "partial"

    def records(self, event: Any) -> list[Record]:
        """Return every message of every partition, partitions in the order of the event."""
        partitions = parse(event, _Event, "Kafka").records
        for topic in {m.topic for messages in partitions.values() for m in messages}:
            if not is_topic(topic):
                raise MalformedEvent(f"malformed Kafka event: {topic[:300]!r} is no topic name")
        return [
            Record(
                "kafka",
                KafkaPosition(m.topic, m.partition, m.offset),
                m.value,
                m.key,
                _headers(m.headers) if m.headers else (),
                None if m.timestamp == NO_TIME else m.timestamp,
                None,
                m.value_schema,
                m.key_schema,
            )
            for messages in partitions.values()
            for m in messages
        ]

    def respond(self, outcomes: Outcomes) -> dict[str, list[dict[str, Any]]]:
        """One identifier per failed partition: the lowest offset that is not done."""
        lowest: dict[str, int] = {}
        for position in (record.position for record in outcomes.not_done()):
            if isinstance(position, KafkaPosition):
                partition = f"{position.topic}-{position.partition}"
                lowest[partition] = min(position.offset, lowest.get(partition, position.offset))
        return {
            "batchItemFailures": [
                {"itemIdentifier": {"partition": partition, "offset": offset}}
                for partition, offset in lowest.items()
            ]
        }


def _headers(pairs: list[dict[str, list[int]]]) -> Headers:
    # The service sends Java's bytes: they may be signed.
    return tuple(
        (name, bytes(octet & 0xFF for octet in octets))
        for pair in pairs
        for name, octets in pair.items()
    )
