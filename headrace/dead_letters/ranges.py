"""Which records a failure record of the service stands for, where it does not hold them."""

from msgspec import UnsetType

from headrace.dead_letters.failure_record import FailureRecord
from headrace.errors import SettingsError
from headrace.names import is_table, is_topic, table_of
from headrace.record import DynamoDbPosition, KafkaPosition, KinesisPosition, Position
from headrace.sources.kinesis import stream_of

_MOST = 10_000  # records of the largest batch


def check_count(first: Position, count: int) -> None:
    """Refuse a letter that stands for more records than any batch has: it was made up.

    Raises:
        SettingsError: it does.
    """
    if count > _MOST:
        raise SettingsError(f"{first}: a letter stands for at most {_MOST:,} records")


def ranges(failure: FailureRecord) -> list[tuple[Position, Position]]:
    """Return the first and the last position of each partition or shard.

    Raises:
        ValueError: it names what no topic and no table can be called.
    """
    if not isinstance(failure.kinesis_batch_info, UnsetType):
        info = failure.kinesis_batch_info
        stream = stream_of(info.stream_arn)
        first = KinesisPosition(stream, info.shard_id, info.start_sequence_number)
        return [(first, KinesisPosition(stream, info.shard_id, info.end_sequence_number))]
    if not isinstance(failure.ddb_stream_batch_info, UnsetType):
        info = failure.ddb_stream_batch_info
        table = _table(info.stream_arn)
        change = DynamoDbPosition(table, info.shard_id, info.start_sequence_number)
        return [(change, DynamoDbPosition(table, info.shard_id, info.end_sequence_number))]
    if isinstance(failure.kafka_batch_info, UnsetType):
        return []
    return [
        (
            KafkaPosition(_topic(topic), int(partition), int(found.first_record_offset)),
            KafkaPosition(topic, int(partition), int(found.last_record_offset)),
        )
        for name, found in failure.kafka_batch_info.records_info.items()
        for topic, _, partition in (name.rpartition("-"),)
    ]


def _table(arn: str) -> str:
    name = table_of(arn)
    if not is_table(name):
        raise ValueError(f"{name[:300]!r} is no table name")
    return name


def _topic(name: str) -> str:
    if not is_topic(name):
        raise ValueError(f"{name!r} is no topic name")
    return name
