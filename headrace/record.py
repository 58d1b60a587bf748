"""A record: the one shape in which every event source hands its messages to a worker."""

import time
from typing import TYPE_CHECKING, Annotated, Any, Generic

import msgspec
from msgspec import Meta

from headrace import json_text
from headrace.errors import Reject, WorkerError
from headrace.names import STREAM, TOPIC
from headrace.request import Request

if TYPE_CHECKING:  # for type checkers, a Record without brackets is one of anything
    from typing_extensions import TypeVar

    Data_co = TypeVar("Data_co", covariant=True, default=Any)
else:
    from typing import TypeVar

    Data_co = TypeVar("Data_co", covariant=True)

Headers = tuple[tuple[str, bytes], ...]

_TOMBSTONE = "value is absent: the record is a tombstone"
_NO_BODY = "the request has no body"


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


class PayloadSchema(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """What AWS Lambda says of a key or a value that it checked by a schema registry.

    Attributes:
        data_format: "AVRO", "PROTOBUF" or "JSON".
        schema_id: the schema's id in the registry: a number, or a UUID.
    """

    data_format: str
    schema_id: str


Position = KafkaPosition | KinesisPosition | DynamoDbPosition | MessagePosition | RequestPosition


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

    def _present(self) -> bytes:
        if self.value is None:
            is_request = isinstance(self.position, RequestPosition)
            raise Reject(_NO_BODY if is_request else _TOMBSTONE)
        return self.value


def whole(record: Record) -> Record:
    """Return the same record with nothing left to be read, for what looks into structs by itself.

    A record of the runner may read its fields no earlier than they are asked for. Once its position
    was asked for, it is as any other.
    """
    record.position  # noqa: B018
    return record


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
    # The service has milliseconds; half of one is added since int() cuts and a float is not exact.
    milliseconds = int(arrival * 1000 + 0.5)
    return Record(
        "kinesis", position, data, partition_key.encode(errors="surrogatepass"), (), milliseconds
    )


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
