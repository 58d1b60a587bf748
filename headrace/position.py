"""Where a record stands in its source, which also gives it its name."""

from typing import Annotated

import msgspec
from msgspec import Meta

# What topics and streams may be called, by the rules of their services.
TOPIC = r"^(?!\.{1,2}\Z)[A-Za-z0-9._-]{1,249}\Z"
STREAM = r"^[A-Za-z0-9_.-]{1,128}\Z"

NO_TIME = -1
"""Kafka's word for a message without a time."""


class KafkaPosition(msgspec.Struct, frozen=True, gc=False, tag="kafka"):
    """Where a record stands in a Kafka topic."""

    topic: Annotated[str, Meta(pattern=TOPIC)]
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}-{self.partition}@{self.offset}"


class KinesisPosition(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, tag="kinesis"):
    """Where a record stands in a Kinesis stream.

    Attributes:
        stream: the stream's name.
        shard: the shard's id.
        sequence_number: a number in decimal digits.
        sub_sequence_number: if the record was packed with others into one
            (headrace.sources.kpl): its place among them, from 0. They share the sequence number.
    """

    stream: Annotated[str, Meta(pattern=STREAM)]
    shard: str
    sequence_number: str
    sub_sequence_number: int | None = None

    def __str__(self) -> str:
        if self.sub_sequence_number is None:
            return f"{self.shard}:{self.sequence_number}"
        return f"{self.shard}:{self.sequence_number}.{self.sub_sequence_number}"


class DynamoDbPosition(msgspec.Struct, frozen=True, gc=False, tag="dynamodb"):
    """Where a change stands in the stream of a DynamoDB table.

    Attributes:
        table: the table's name.
        shard: the shard's id; empty in an event of AWS Lambda, which does not tell it.
        sequence_number: a number in decimal digits.
    """

    table: str
    shard: str
    sequence_number: str

    def __str__(self) -> str:
        return f"{self.table}:{self.sequence_number}"


class MessagePosition(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, tag="message"):
    """A message of a queue, a topic, a bus or a bucket: it has a name, and no place in an order.

    Attributes:
        origin: the name of the queue, topic, bus or bucket.
        id: the message's name, unique there.
        part: which of the records that are packed in one message, from 0; None if it is whole.
    """

    origin: str
    id: str
    part: int | None = None

    def __str__(self) -> str:
        name = f"{self.origin}:{self.id}"
        return name if self.part is None else f"{name}.{self.part}"


class RequestPosition(msgspec.Struct, frozen=True, gc=False, tag="request"):
    """A request stands nowhere; its caller waits for the answer."""

    request_id: str

    def __str__(self) -> str:
        return self.request_id


Position = KafkaPosition | KinesisPosition | DynamoDbPosition | MessagePosition | RequestPosition

ShardPosition = KinesisPosition | DynamoDbPosition
"""A place in a shard: of a Kinesis stream, or of a DynamoDB table's."""
