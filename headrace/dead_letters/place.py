"""Where a single record stands, as a failure record says it."""

from typing import Any

import msgspec

from headrace.dead_letters.failure_record import (
    KafkaBatchInfo,
    KafkaPlace,
    KafkaRange,
    KinesisBatchInfo,
)
from headrace.dead_letters.times import iso
from headrace.record import KafkaPosition, KinesisPosition, Record


def batch_info(record: Record, event: dict[str, Any]) -> dict[str, Any]:
    """Return the field of `FailureRecord` that the record's source takes.

    Args:
        record: of Kafka or Kinesis.
        event: the event of this record alone.
    """
    position, moment = record.position, None if record.timestamp is None else iso(record.timestamp)
    if isinstance(position, KafkaPosition):
        return {"kafka_batch_info": _kafka(position, moment, event)}
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


def bare_info(record: Record) -> dict[str, Any]:
    """Return the field of `FailureRecord`, with no more in it than it takes to find the record."""
    position = record.position
    if isinstance(position, KafkaPosition):
        offset = str(position.offset)
        span = KafkaRange(first_record_offset=offset, last_record_offset=offset)
        place = f"{position.topic}-{position.partition}"
        return {"kafka_batch_info": KafkaBatchInfo(batch_size=1, records_info={place: span})}
    if not isinstance(position, KinesisPosition):
        raise TypeError(f"a record of {record.source} has no place in a stream")
    kinesis = KinesisBatchInfo(
        shard_id=position.shard,
        start_sequence_number=position.sequence_number,
        end_sequence_number=position.sequence_number,
        batch_size=1,
        stream_arn=f"stream/{position.stream}",
    )
    return {"kinesis_batch_info": kinesis}


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
