"""One shard of Kinesis, as GetRecords reads it."""

from headrace.runner.kinesis.stream import Stream
from headrace.runner.shards.get_records import Answer
from headrace.runner.shards.start import ShardStart


class PolledShard:
    """A shard that is asked for records.

    Args:
        stream: the stream.
        shard: the shard's id.
    """

    # The service takes five reads a second of each shard, from all who read it.
    pause = 0.21
    most = 10_000

    def __init__(self, stream: Stream, shard: str) -> None:
        self._stream = stream
        self._shard = shard

    def iterator(self, start: ShardStart) -> str:
        """Ask for an iterator. If its record is gone, the service gives the oldest one's."""
        client, arn = self._stream.client, self._stream.arn
        answer = client.get_shard_iterator(StreamARN=arn, ShardId=self._shard, **start.iterator())
        return answer["ShardIterator"]

    def read(self, iterator: str, limit: int) -> Answer:
        """Ask for records, so many at most."""
        client, arn = self._stream.client, self._stream.arn
        answer = client.get_records(StreamARN=arn, ShardIterator=iterator, Limit=limit)
        entries = answer["Records"]
        return Answer(
            entries,
            sum([len(entry["Data"]) for entry in entries]),
            entries[-1]["SequenceNumber"] if entries else None,
            answer.get("MillisBehindLatest", 0),
            answer.get("NextShardIterator"),
        )
