"""Kinesis in memory: what a poller asks of the client."""

import threading
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from botocore.exceptions import ClientError

from headrace.testing.clock import STARTED_AT

ARN = "arn:aws:kinesis:eu-west-1:000000000000:stream/orders"
_HASH_KEYS = 2**128


class NoStream(ClientError):
    """There is no such stream."""


class _Exceptions:
    ResourceNotFoundException = NoStream


class MemoryKinesis:
    """One stream. Its methods are those of boto3's client, with what the poller asks for.

    Args:
        shards: how many there are.
        parents: shards that came of another one, which is closed.

    Attributes:
        logs: the records of each shard.
        served: how many records were handed out.
    """

    exceptions = _Exceptions

    def __init__(self, shards: int, parents: dict[int, int]) -> None:
        self.logs: list[list[dict[str, Any]]] = [[] for _ in range(shards)]
        self.served = 0
        self._parents = parents
        self._read = [0] * shards
        self._asked: set[int] = set()
        self._lock = threading.Lock()

    @property
    def is_read(self) -> bool:
        """Return whether each shard was read to its end."""
        with self._lock:
            return all(map(self._is_at_end, range(len(self.logs))))

    @property
    def is_settled(self) -> bool:
        """Return whether each shard that anybody began to read was read to its end."""
        with self._lock:
            return all(map(self._is_at_end, self._asked))

    def put(self, shard: int, data: bytes, key: str, written_at: float) -> None:
        """Append a record."""
        with self._lock:
            number = 1_000_000 * (shard + 1) + len(self.logs[shard])
            arrived = datetime.fromtimestamp(written_at, UTC)
            entry = {"SequenceNumber": f"{number:020d}", "Data": data, "PartitionKey": key}
            self.logs[shard].append({**entry, "ApproximateArrivalTimestamp": arrived})

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
        return {"Shards": [self._shard(number) for number in range(len(self.logs))]}

    def get_shard_iterator(self, **asked: Any) -> dict[str, Any]:
        """Return a place in a shard."""
        shard, kind = _number(asked["ShardId"]), asked["ShardIteratorType"]
        with self._lock:
            log = self.logs[shard]
            sequence = asked.get("StartingSequenceNumber", "")
            if kind == "AFTER_SEQUENCE_NUMBER":
                start = sum(entry["SequenceNumber"] <= sequence for entry in log)
            elif kind == "AT_TIMESTAMP":
                at = asked["Timestamp"]
                start = sum(e["ApproximateArrivalTimestamp"].timestamp() < at for e in log)
            else:
                start = len(log) if kind == "LATEST" else 0
            self._read[shard] = max(self._read[shard], start)
            self._asked.add(shard)
        return {"ShardIterator": f"{shard}:{start}"}

    def get_records(self, **asked: Any) -> dict[str, Any]:
        """Return what comes next in a shard."""
        shard, start = map(int, asked["ShardIterator"].split(":"))
        with self._lock:
            found = self.logs[shard][start : start + asked["Limit"]]
            self.served += len(found)
            self._read[shard] = end = start + len(found)
        is_closed = shard in self._parents.values()
        following = None if is_closed and end == len(self.logs[shard]) else f"{shard}:{end}"
        return {"Records": found, "NextShardIterator": following, "MillisBehindLatest": 0}

    def _is_at_end(self, shard: int) -> bool:
        return self._read[shard] == len(self.logs[shard])

    def _shard(self, number: int) -> dict[str, Any]:
        keys = {"StartingHashKey": "0", "EndingHashKey": str(_HASH_KEYS - 1)}
        shard: dict[str, Any] = {"ShardId": shard_name(number), "HashKeyRange": keys}
        if number in self._parents:
            shard["ParentShardId"] = shard_name(self._parents[number])
        return shard


def shard_name(number: int) -> str:
    """Return a shard's id."""
    return f"shardId-{number:012d}"


def _number(name: str) -> int:
    return int(name.rpartition("-")[2])
