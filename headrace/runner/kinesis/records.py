"""From what Kinesis sent of a shard to records, with aggregates taken apart."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from headrace.record import KinesisPosition, Record, kinesis_position, kinesis_record
from headrace.runner.shards.start import ShardStart
from headrace.sources.kpl import UserRecord, is_aggregate, user_records

if TYPE_CHECKING:
    from mypy_boto3_kinesis.type_defs import RecordTypeDef

# A chunk is fed to the partition at once; one aggregate more than this may be unpacked at a time.
_CHUNK_RECORDS = 1_000
_CHUNK_BYTES = 1024 * 1024


class Unpacking:
    """Makes records of one shard.

    Args:
        stream: the stream's name.
        shard: the shard's id.
        start: where its reading began: what is done inside an aggregate there is left out.
        deaggregate: whether aggregates are taken apart.
        within: the hash keys of the shard, where user records of others are left out: after a
            reshard the KPL may pack with a view of the shards that is out of date; it sends the
            user records that landed in the wrong shard again, so these are copies.

    Attributes:
        left_out: how many user records were, since they belong to another shard.
    """

    def __init__(
        self, stream: str, shard: str, start: ShardStart, *, deaggregate: bool, within: range | None
    ) -> None:
        self.left_out = 0
        self._stream = stream
        self._shard = shard
        self._start = start
        self._deaggregate = deaggregate
        self._within = within

    def chunks(self, entries: Sequence["RecordTypeDef"]) -> Iterator[list[Record]]:
        """The records of an answer in their order, a part at a time."""
        chunk: list[Record] = []
        size = 0
        for entry in entries:
            record = self._record(entry)
            if self._deaggregate and is_aggregate(record.value):
                chunk += self._user_records(record)
            else:
                chunk.append(record)
            size += len(entry["Data"])
            if len(chunk) >= _CHUNK_RECORDS or size >= _CHUNK_BYTES:
                yield chunk
                chunk, size = [], 0
        if chunk:
            yield chunk

    def _record(self, entry: "RecordTypeDef") -> Record:
        return kinesis_record(
            KinesisPosition(self._stream, self._shard, entry["SequenceNumber"]),
            entry["Data"],
            entry["PartitionKey"],
            entry["ApproximateArrivalTimestamp"].timestamp(),
        )

    def _user_records(self, record: Record) -> Iterator[Record]:
        return (user for user in user_records(record, self._belongs) if not self._is_done(user))

    def _belongs(self, user: UserRecord) -> bool:
        belongs = self._within is None or user.hash_key in self._within
        self.left_out += not belongs
        return belongs

    def _is_done(self, record: Record) -> bool:
        position, start = kinesis_position(record), self._start
        return (
            position.sub_sequence_number is not None
            and start.sub_sequence_number is not None
            and position.sequence_number == start.sequence_number
            and position.sub_sequence_number <= start.sub_sequence_number
        )
