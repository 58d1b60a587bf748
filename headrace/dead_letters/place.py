"""Where a single record stands, as a failure record says it."""

from typing import Any

import msgspec

from headrace.dead_letters.failure_record import (
    KafkaBatchInfo,
    KafkaPlace,
    KafkaRange,
    ShardBatchInfo,
)
from headrace.dead_letters.times import iso
from headrace.record import (
    DynamoDbPosition,
    KafkaPosition,
    KinesisPosition,
    Record,
    shard_position,
)

# The field of `FailureRecord` that a source takes.
_FIELDS = {KinesisPosition: "kinesis_batch_info", DynamoDbPosition: "ddb_stream_batch_info"}


def batch_info(record: Record, event: dict[str, Any]) -> dict[str, Any]:
    """Return the field of `FailureRecord` that the record's source takes.

    Args:
        record: of Kafka, Kinesis or a DynamoDB table.
        event: the event of this record alone.
    """
    position, moment = record.position, None if record.timestamp is None else iso(record.timestamp)
    if isinstance(position, KafkaPosition):
        return {"kafka_batch_info": _kafka(position, moment, event)}
    return _in_shard(record, event["Records"][0]["eventSourceARN"], moment)


def bare_info(record: Record) -> dict[str, Any]:
    """Return the field of `FailureRecord`, with no more in it than it takes to find the record."""
    position = record.position
    if isinstance(position, KafkaPosition):
        offset = str(position.offset)
        span = KafkaRange(first_record_offset=offset, last_record_offset=offset)
        place = f"{position.topic}-{position.partition}"
        return {"kafka_batch_info": KafkaBatchInfo(batch_size=1, records_info={place: span})}
    if isinstance(position, DynamoDbPosition):
        return _in_shard(record, f":table/{position.table}/stream/", None)
    return _in_shard(record, f"stream/{getattr(position, 'stream', '')}", None)


def _in_shard(record: Record, arn: str, moment: str | None) -> dict[str, Any]:
    position = shard_position(record)
    info = ShardBatchInfo(
        shard_id=position.shard,
        start_sequence_number=position.sequence_number,
        end_sequence_number=position.sequence_number,
        approximate_arrival_of_first_record=moment,
        approximate_arrival_of_last_record=moment,
        batch_size=1,
        stream_arn=arn,
    )
    return {_FIELDS[type(position)]: info}


def _kafka(position: KafkaPosition, moment: str | None, event: dict[str, Any]) -> KafkaBatchInfo:
    span = KafkaRange(
        first_record_offset=str(position.offset),
        last_record_offset=str(position.offset),
        first_record_timestamp=moment,
        last_record_timestamp=moment,
    )
    return KafkaBatchInfo(
        batch_size=1,
        event_source_arn=event.get("eventSourceArn"),
        bootstrap_servers=event.get("bootstrapServers", ""),
        payload_size=len(msgspec.json.encode(event)),
        records_info={f"{position.topic}-{position.partition}": span},
        record_info=KafkaPlace(offset=str(position.offset), timestamp=moment),
    )
