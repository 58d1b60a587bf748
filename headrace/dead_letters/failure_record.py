"""The service's own form of a failure record: what AWS Lambda writes to an on-failure destination.

Only where the destination is S3 or a Kafka topic does the service add the `payload`: the event
with the records themselves, as escaped JSON text (S3) or as an object (Kafka). Without it, a record
says where it is to be found as long as its stream keeps it.
"""

from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from headrace.record import KafkaPosition, KinesisPosition, Position, Record, kinesis_record
from headrace.sources.kafka import Kafka


class RequestContext(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What was invoked, how often, and why no more."""

    request_id: str
    function_arn: str
    condition: str
    approximate_invoke_count: int


class ResponseContext(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How the last invocation ended; `function_error` is None where it gave a response."""

    status_code: int = 200
    executed_version: str = "$LATEST"
    function_error: str | None = None


class Response(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The function's error, as in the records of failed asynchronous invocations."""

    error_type: str = ""
    error_message: str = ""


class KafkaRange(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Records of one partition, from the first to the last; times are ISO 8601."""

    first_record_offset: str
    last_record_offset: str
    first_record_timestamp: str | None = None
    last_record_timestamp: str | None = None


class KafkaPlace(msgspec.Struct, frozen=True, kw_only=True):
    """A single record of one partition."""

    offset: str
    timestamp: str | None = None


class KafkaBatchInfo(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Where the records stand in Kafka, by `topic-partition`. Sizes are bytes of the event.

    The service writes `records_info` to SQS, SNS and S3, and `record_info` to Kafka topics.
    """

    batch_size: int
    event_source_arn: str | None = None
    bootstrap_servers: str = ""
    payload_size: int = 0
    records_info: dict[str, KafkaRange] = {}
    record_info: KafkaPlace | None = None


class KinesisBatchInfo(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Where the records stand in Kinesis."""

    shard_id: str
    start_sequence_number: str
    end_sequence_number: str
    approximate_arrival_of_first_record: str | None = None
    approximate_arrival_of_last_record: str | None = None
    batch_size: int
    stream_arn: str


class FailureRecord(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a failure destination is sent. `response_payload` is ours beside what AWS writes."""

    request_context: RequestContext
    response_context: ResponseContext | None = None
    version: str = "1.0"
    timestamp: str
    kafka_batch_info: KafkaBatchInfo | UnsetType = msgspec.field(
        name="KafkaBatchInfo", default=UNSET
    )
    kinesis_batch_info: KinesisBatchInfo | UnsetType = msgspec.field(
        name="KinesisBatchInfo", default=UNSET
    )
    payload: dict[str, Any] | str | UnsetType = UNSET
    response_payload: Response | UnsetType = UNSET

    def records(self) -> list[Record]:
        """The records that the payload holds, as they came.

        Raises:
            MalformedEvent: the payload is no event of Kafka.
            msgspec.DecodeError: it is no JSON, or no event of Kinesis.
        """
        if isinstance(self.payload, UnsetType):
            return []
        event = self.payload
        if isinstance(event, str):
            event = msgspec.json.decode(event)
        if "Records" in event:
            return [_kinesis_record(entry) for entry in msgspec.convert(event, _Entries).Records]
        return Kafka().records(event)

    def ranges(self) -> list[tuple[Position, Position]]:
        """The first and the last position of each partition or shard."""
        if not isinstance(self.kinesis_batch_info, UnsetType):
            info = self.kinesis_batch_info
            stream = info.stream_arn.rpartition("/")[2]
            first = KinesisPosition(stream, info.shard_id, info.start_sequence_number)
            return [(first, KinesisPosition(stream, info.shard_id, info.end_sequence_number))]
        if isinstance(self.kafka_batch_info, UnsetType):
            return []
        return [
            (
                KafkaPosition(topic, int(partition), int(found.first_record_offset)),
                KafkaPosition(topic, int(partition), int(found.last_record_offset)),
            )
            for name, found in self.kafka_batch_info.records_info.items()
            for topic, _, partition in (name.rpartition("-"),)
        ]


class _Data(msgspec.Struct, frozen=True, rename="camel"):
    partition_key: str
    data: bytes
    sequence_number: str
    approximate_arrival_timestamp: float


class _Entry(msgspec.Struct, frozen=True):
    kinesis: _Data
    eventID: str  # noqa: N815 - the service's name
    eventSourceARN: str  # noqa: N815


class _Entries(msgspec.Struct, frozen=True):
    Records: list[_Entry]


def _kinesis_record(entry: _Entry) -> Record:
    # Not as a worker gets it: what was packed into one record is put back as one.
    shard, _, number = entry.eventID.partition(":")
    sub = number.partition(".")[2]  # ours: the place of a record that had been taken apart
    position = KinesisPosition(
        entry.eventSourceARN.rpartition("/")[2],
        shard,
        entry.kinesis.sequence_number,
        int(sub) if sub else None,
    )
    data = entry.kinesis
    arrival = data.approximate_arrival_timestamp
    return kinesis_record(position, data.data, data.partition_key, arrival)


def batch_info(record: Record, event: dict[str, Any]) -> dict[str, Any]:
    """Where a single record stands, as the field of `FailureRecord` that its source takes.

    Args:
        record: of Kafka or Kinesis.
        event: the event of this record alone.
    """
    position, moment = record.position, None if record.timestamp is None else iso(record.timestamp)
    if isinstance(position, KafkaPosition):
        span = KafkaRange(
            first_record_offset=str(position.offset),
            last_record_offset=str(position.offset),
            first_record_timestamp=moment,
            last_record_timestamp=moment,
        )
        kafka = KafkaBatchInfo(
            batch_size=1,
            event_source_arn=event.get("eventSourceArn"),
            bootstrap_servers=event.get("bootstrapServers", ""),
            payload_size=len(msgspec.json.encode(event)),
            records_info={f"{position.topic}-{position.partition}": span},
            record_info=KafkaPlace(offset=str(position.offset), timestamp=moment),
        )
        return {"kafka_batch_info": kafka}
    if not isinstance(position, KinesisPosition):
        raise TypeError(f"a {record.source} record has no place in a stream")
    kinesis = KinesisBatchInfo(
        shard_id=position.shard,
        start_sequence_number=position.sequence_number,
        end_sequence_number=position.sequence_number,
        approximate_arrival_of_first_record=moment,
        approximate_arrival_of_last_record=moment,
        batch_size=1,
        stream_arn=event["Records"][0]["eventSourceARN"],
    )
    return {"kinesis_batch_info": kinesis}


def iso(milliseconds: int) -> str:
    """A time as the service writes it: UTC, with milliseconds."""
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def milliseconds(moment: str) -> int:
    """The time since the epoch that the service wrote. Raises ValueError where it is none."""
    return round(datetime.fromisoformat(moment).timestamp() * 1000)
