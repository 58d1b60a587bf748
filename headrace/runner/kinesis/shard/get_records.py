"""Reading a shard by GetRecords: the service answers when it is asked."""

from typing import Any

from botocore.exceptions import ClientError

from headrace.runner.kinesis.errors import code
from headrace.runner.kinesis.shard.read_method import ReadResult
from headrace.runner.kinesis.shard.start import ShardStart
from headrace.runner.kinesis.stream import Stream

# The service takes five reads a second of each shard, from all who read it.
_READ_SECONDS = 0.21
_MOST_RECORDS = 10_000


class GetRecords:
    """Asks a shard for records, no faster than the service allows.

    Args:
        stream: the stream.
        shard: the shard's id.
        start: where to begin.
        idle: the longest pause, in seconds, while nothing comes.
    """

    def __init__(self, stream: Stream, shard: str, start: ShardStart, idle: float) -> None:
        self._stream = stream
        self._shard = shard
        self._start = start
        self._idle = idle
        self._iterator: str | None = None
        self._behind = 0
        self._pause = _READ_SECONDS

    def read(self) -> ReadResult:
        """Return what the service has now."""
        try:
            answer = self._get()
        except ClientError as error:
            if code(error) != "ExpiredIteratorException":
                raise
            self._iterator = None  # after five minutes; the next one begins behind the last record
            return ReadResult([], self._behind, ended=False)
        self._iterator = answer.get("NextShardIterator")
        if answer["Records"]:
            self._start = ShardStart.after(answer["Records"][-1]["SequenceNumber"])
        self._behind = answer.get("MillisBehindLatest", 0)
        return ReadResult(answer["Records"], self._behind, ended=self._iterator is None)

    def pause(self, result: ReadResult) -> float:
        """Return longer pauses with each read that finds nothing at the end of the shard."""
        is_quiet = not result.entries and result.behind == 0
        self._pause = min(self._idle, self._pause * 2) if is_quiet else _READ_SECONDS
        return self._pause

    def close(self) -> None:
        """There is nothing to let go of."""

    def _get(self) -> Any:
        client, arn = self._stream.client, self._stream.arn
        if self._iterator is None:
            self._iterator = client.get_shard_iterator(
                StreamARN=arn, ShardId=self._shard, **self._start.iterator()
            )["ShardIterator"]
        return client.get_records(StreamARN=arn, ShardIterator=self._iterator, Limit=_MOST_RECORDS)
