"""A record: the one shape in which every event source hands its messages to a worker."""

import time
from typing import TYPE_CHECKING, Any, Generic

import msgspec

from headrace import json_text
from headrace.errors import Reject, WorkerError
from headrace.position import (
    DynamoDbPosition,
    KafkaPosition,
    KinesisPosition,
    MessagePosition,
    Position,
    RequestPosition,
    ShardPosition,
)
from headrace.request import Request

__all__ = [
    "DynamoDbPosition",
    "Headers",
    "KafkaPosition",
    "KinesisPosition",
    "MessagePosition",
    "PayloadSchema",
    "Position",
    "Record",
    "RequestPosition",
    "ShardPosition",
    "kafka_position",
    "kinesis_position",
    "kinesis_record",
    "shard_position",
    "whole",
]

if TYPE_CHECKING:  # for type checkers, a Record without brackets is one of anything
    from typing_extensions import TypeVar

    Data_co = TypeVar("Data_co", covariant=True, default=Any)
else:
    from typing import TypeVar

    Data_co = TypeVar("Data_co", covariant=True)

Headers = tuple[tuple[str, bytes], ...]

_TOMBSTONE = "value is absent: the record is a tombstone"
_NO_BODY = "the request has no body"


class PayloadSchema(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """What AWS Lambda says of a key or a value that it checked by a schema registry.

    Attributes:
        data_format: "AVRO", "PROTOBUF" or "JSON".
        schema_id: the schema's id in the registry: a number, or a UUID.
    """

    data_format: str
    schema_id: str


class Record(msgspec.Struct, Generic[Data_co], frozen=True, gc=False):
    """One message, whatever brought it.

    Attributes:
        source: the name of its event source: "kafka", "kinesis", "sqs", "http", "direct", …
        position: where it stands in its source.
        value: the payload. None: a tombstone, or a request without a body.
        key: the Kafka key, or the Kinesis partition key in UTF-8; None if there is none.
        headers: (name, value) pairs in their order; a name may repeat.
        timestamp: milliseconds since the epoch, None if the source gives none.
        request: the HTTP request that brought it; None if none did.
        value_schema: the schema of the value, if the event says so beside it (the mapping has a
            SchemaRegistryConfig); None if it does not.
        key_schema: the same of the key.
    """

    source: str
    position: Position
    value: bytes | None
    key: bytes | None = None
    headers: Headers = ()
    timestamp: int | None = None
    request: Request | None = None
    value_schema: PayloadSchema | None = None
    key_schema: PayloadSchema | None = None

    @property
    def data(self) -> Data_co:
        """The value as the worker declares it (`class Orders(Worker[Order])`), or as its schema.

        Raises:
            WorkerError: the worker declares no input, and no setting says how values are read.
        """
        raise WorkerError(
            "record.data: the worker declares no input; write Worker[…] with a type, or set"
            " HEADRACE_VALUE_FRAME"
        )

    @property
    def key_data(self) -> Any:
        """The key as its schema says it. Raises WorkerError if no setting says how to read it."""
        raise WorkerError("record.key_data: set HEADRACE_KEY_FRAME")

    @property
    def id(self) -> str:
        """A name for this record, unique within its source."""
        return str(self.position)

    def lag(self) -> int | None:
        """Return milliseconds since it was written; None if its source gives no time."""
        if self.timestamp is None:
            return None
        return max(0, time.time_ns() // 1_000_000 - self.timestamp)

    def text(self) -> str:
        """The value as text. Raises Reject if it is not UTF-8, or if there is none."""
        try:
            return self._present().decode()
        except UnicodeDecodeError as error:
            raise Reject(f"value is not UTF-8: {error.reason} at byte {error.start}") from None

    def json(self) -> Any:
        """The value as JSON. Raises Reject if it is not JSON, or if there is none."""
        try:
            return json_text.decode(self._present())
        except json_text.JsonError as error:
            raise Reject(f"value is not JSON: {error}") from None

    def _whole(self) -> "Record":
        """Return the same record with nothing left to be read."""
        return self

    def _present(self) -> bytes:
        if self.value is None:
            is_request = isinstance(self.position, RequestPosition)
            raise Reject(_NO_BODY if is_request else _TOMBSTONE)
        return self.value


def whole(record: Record) -> Record:
    """Return the same record with nothing left to be read, for what looks into structs by itself.

    A record may read its fields no earlier than they are asked for.
    """
    return record._whole()


def kinesis_record(
    position: KinesisPosition, data: bytes, partition_key: str, arrival: float
) -> Record:
    """Make a record of what Kinesis holds, wherever it was read.

    Args:
        position: where it stands.
        data: the payload.
        partition_key: its key.
        arrival: when the stream took it, in seconds since the epoch.
    """
    key = partition_key.encode(errors="surrogatepass")
    return Record("kinesis", position, data, key, (), milliseconds(arrival))


def milliseconds(seconds: float) -> int:
    """Return a time of a service that has milliseconds, and gives it as seconds."""
    return int(seconds * 1000 + 0.5)  # half of one more, since int() cuts and a float is not exact


def shard_position(record: Record) -> ShardPosition:
    """Return the position of a record that came from a shard. Raises TypeError for any other."""
    position = record.position
    if isinstance(position, ShardPosition):
        return position
    raise TypeError(f"a record of {record.source} has no place in a shard")


def kafka_position(record: Record) -> KafkaPosition:
    """Return the position of a record that came from Kafka. Raises TypeError for any other."""
    position = record.position
    if isinstance(position, KafkaPosition):
        return position
    raise TypeError(f"a record of {record.source} has no place in a topic")


def kinesis_position(record: Record) -> KinesisPosition:
    """Return the position of a record that came from Kinesis. Raises TypeError for any other."""
    position = record.position
    if isinstance(position, KinesisPosition):
        return position
    raise TypeError(f"a record of {record.source} has no place in a shard")
