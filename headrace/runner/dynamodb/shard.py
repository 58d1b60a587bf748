"""One shard of a table's stream, as GetRecords reads it."""

import math
import time
from collections.abc import Sequence
from typing import Any

from botocore.exceptions import ClientError

from headrace.runner.dynamodb.stream import TableStream
from headrace.runner.shards.errors import ABSENT, code
from headrace.runner.shards.get_records import Answer
from headrace.runner.shards.start import ShardStart

# An answer has so many bytes at most; one that comes near is not the last.
_FULL_BYTES = 900_000


class TableShard:
    """A shard that is asked for changes.

    The service knows no reading from a time on. So a shard that is read from its end on is read
    by LATEST at first; if that iterator is lost before a change was read, from the oldest change
    on, and what was changed before the start is left out.

    Args:
        stream: the stream.
        shard: the shard's id.
        is_first_start: nobody has read from the end of this shard on before.
    """

    # The service lets two readers poll a shard, and AWS Lambda asks four times a second.
    pause = 0.25
    most = 1_000

    def __init__(self, stream: TableStream, shard: str, *, is_first_start: bool) -> None:
        self._stream = stream
        self._shard = shard
        self._at_end = is_first_start
        self._since = -math.inf
        self._trimmed = False

    def iterator(self, start: ShardStart) -> str | None:
        """Ask for an iterator; None: the shard is gone, with all its changes."""
        if start.sequence_number is not None:
            return self._behind(start.sequence_number)
        if start.timestamp is None:
            return self._ask(ShardIteratorType="TRIM_HORIZON")
        if self._at_end:
            self._at_end = False
            return self._ask(ShardIteratorType="LATEST")
        self._since = math.floor(start.timestamp)  # the service tells whole seconds
        return self._ask(ShardIteratorType="TRIM_HORIZON")

    def read(self, iterator: str, limit: int) -> Answer:
        """Ask for changes, so many at most."""
        answer = self._stream.client.get_records(ShardIterator=iterator, Limit=limit)
        entries = answer["Records"]
        size = sum([entry["dynamodb"].get("SizeBytes", 0) for entry in entries])
        trimmed, self._trimmed = self._trimmed, False
        return Answer(
            [entry for entry in entries if _created(entry) >= self._since]
            if math.isfinite(self._since)
            else entries,
            size,
            entries[-1]["dynamodb"]["SequenceNumber"] if entries else None,
            _age(entries),
            answer.get("NextShardIterator"),
            more=len(entries) >= limit or size >= _FULL_BYTES,
            trimmed=trimmed,
        )

    def _behind(self, number: str) -> str | None:
        try:
            return self._ask(ShardIteratorType="AFTER_SEQUENCE_NUMBER", SequenceNumber=number)
        except ClientError as error:
            if code(error) != "TrimmedDataAccessException":
                raise
            self._trimmed = True
            return self._ask(ShardIteratorType="TRIM_HORIZON")

    def _ask(self, **where: Any) -> str | None:
        try:
            answer = self._stream.client.get_shard_iterator(
                StreamArn=self._stream.arn, ShardId=self._shard, **where
            )
        except ClientError as error:
            is_gone = code(error) == ABSENT
            if is_gone and self._shard not in {s["ShardId"] for s in self._stream.shards()}:
                return None
            raise
        iterator: str = answer["ShardIterator"]
        return iterator


def _created(entry: Any) -> float:
    created: float = entry["dynamodb"]["ApproximateCreationDateTime"].timestamp()
    return created


def _age(entries: Sequence[Any]) -> int:
    """Milliseconds that the last of them is old: the service does not tell how far its end is."""
    return max(0, int((time.time() - _created(entries[-1])) * 1000)) if entries else 0
