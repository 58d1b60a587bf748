"""Kinesis in memory: what a poller asks of boto3's client."""

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

ARN = "arn:aws:kinesis:eu-west-1:000000000000:stream/orders"
_HASH_KEYS = 2**128


class MemoryKinesis:
    """One stream.

    Args:
        shards: its shards.
    """

    def __init__(self, shards: MemoryShards) -> None:
        self._shards = shards

    def describe_stream_summary(self, **asked: Any) -> dict[str, Any]:
        """Describe the stream."""
        del asked
        found_at = datetime.fromtimestamp(STARTED_AT, UTC)
        summary = {"StreamARN": ARN, "StreamName": "orders", "StreamCreationTimestamp": found_at}
        headers = {"date": format_datetime(found_at)}
        return {
            "StreamDescriptionSummary": summary,
            "ResponseMetadata": {"HTTPHeaders": headers},
        }

    def list_shards(self, **asked: Any) -> dict[str, Any]:
        """List the shards."""
        del asked
        return {"Shards": [self._shard(number) for number in range(len(self._shards.logs))]}

    def get_shard_iterator(self, **asked: Any) -> dict[str, Any]:
        """Return a place in a shard."""
        kind, sequence = asked["ShardIteratorType"], asked.get("StartingSequenceNumber", "")

        def is_before(entry: Entry) -> bool:
            if kind == "AFTER_SEQUENCE_NUMBER":
                return bool(entry["SequenceNumber"] <= sequence)
            if kind == "AT_TIMESTAMP":
                return bool(entry["ApproximateArrivalTimestamp"].timestamp() < asked["Timestamp"])
            return bool(kind == "LATEST")

        return {"ShardIterator": self._shards.begin(shard_number(asked["ShardId"]), is_before)}

    def get_records(self, **asked: Any) -> dict[str, Any]:
        """Return what comes next in a shard."""
        part = self._shards.read(asked["ShardIterator"], asked["Limit"])
        return {
            "Records": part.entries,
            "NextShardIterator": part.iterator,
            "MillisBehindLatest": 0,
        }

    def _shard(self, number: int) -> dict[str, Any]:
        keys = {"StartingHashKey": "0", "EndingHashKey": str(_HASH_KEYS - 1)}
        shard: dict[str, Any] = {"ShardId": shard_name(number), "HashKeyRange": keys}
        if number in self._shards.parents:
            shard["ParentShardId"] = shard_name(self._shards.parents[number])
        return shard
