"""DynamoDB and its streams in memory: what a poller asks of boto3's clients."""

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from headrace.testing.clock import STARTED_AT
from headrace.testing.conformance.memory.shards import (
    Entry,
    MemoryShards,
    shard_name,
    shard_number,
)

ARN = "arn:aws:dynamodb:eu-west-1:000000000000:table/orders/stream/2023-11-14T22:13:20.000"


class MemoryTable:
    """One table, with its stream switched on."""

    def describe_table(self, **asked: Any) -> dict[str, Any]:
        """Describe the table."""
        del asked
        return {"Table": {"StreamSpecification": {"StreamEnabled": True}, "LatestStreamArn": ARN}}


class MemoryTableStream:
    """The stream of the table.

    Args:
        shards: its shards.
    """

    def __init__(self, shards: MemoryShards) -> None:
        self._shards = shards

    def describe_stream(self, **asked: Any) -> dict[str, Any]:
        """Describe the stream, with all its shards."""
        del asked
        found_at = datetime.fromtimestamp(STARTED_AT, UTC)
        shards = [self._shard(number) for number in range(len(self._shards.logs))]
        return {
            "StreamDescription": {"StreamStatus": "ENABLED", "Shards": shards},
            "ResponseMetadata": {"HTTPHeaders": {"date": format_datetime(found_at)}},
        }

    def get_shard_iterator(self, **asked: Any) -> dict[str, Any]:
        """Return a place in a shard."""
        kind, sequence = asked["ShardIteratorType"], asked.get("SequenceNumber", "")

        def is_before(entry: Entry) -> bool:
            if kind == "AFTER_SEQUENCE_NUMBER":
                return bool(entry["dynamodb"]["SequenceNumber"] <= sequence)
            return bool(kind == "LATEST")

        return {"ShardIterator": self._shards.begin(shard_number(asked["ShardId"]), is_before)}

    def get_records(self, **asked: Any) -> dict[str, Any]:
        """Return what comes next in a shard."""
        part = self._shards.read(asked["ShardIterator"], asked["Limit"])
        return {"Records": part.entries, "NextShardIterator": part.iterator}

    def _shard(self, number: int) -> dict[str, Any]:
        numbers = {"StartingSequenceNumber": f"{1_000_000 * (number + 1):020d}"}
        if self._shards.is_closed(number):
            numbers["EndingSequenceNumber"] = f"{1_000_000 * (number + 2) - 1:020d}"
        shard: dict[str, Any] = {"ShardId": shard_name(number), "SequenceNumberRange": numbers}
        if number in self._shards.parents:
            shard["ParentShardId"] = shard_name(self._shards.parents[number])
        return shard
