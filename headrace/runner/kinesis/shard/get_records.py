"""Reading a shard by GetRecords: the service answers when it is asked."""

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from botocore.exceptions import ClientError

from headrace.runner.kinesis.errors import code
from headrace.runner.kinesis.shard.start import Start
from headrace.runner.kinesis.stream import Stream

if TYPE_CHECKING:
    from mypy_boto3_kinesis.type_defs import RecordTypeDef

# The service takes five reads a second of each shard, from all who read it. A shard in which
# nothing happens is asked once a second, as AWS Lambda does.
_READ_SECONDS = 0.21
_IDLE_SECONDS = 1.0
_MOST_RECORDS = 10_000


class Answer(NamedTuple):
    """What came of one read.

    Attributes:
        entries: the records.
        behind: milliseconds from the last of them to the end of the shard.
        ended: the shard is closed, and this was its end.
    """

    entries: list["RecordTypeDef"]
    behind: int
    ended: bool


class Reads(Protocol):
    """A way to read one shard. Used by one thread."""

    def read(self) -> Answer:
        """What comes next, waiting for it if need be.

        After an error, and after the service ended what it had begun, reading goes on behind the
        last record that was returned.
        """
        ...

    def pause(self, answer: Answer) -> float:
        """Seconds to wait before the next read."""
        ...

    def close(self) -> None:
        """Let go of what the service holds for this reading."""
        ...


class Polling:
    """Asks a shard for records, no faster than the service allows."""

    def __init__(self, stream: Stream, shard: str, start: Start) -> None:
        self._stream = stream
        self._shard = shard
        self._start = start
        self._iterator: str | None = None
        self._behind = 0
        self._pause = _READ_SECONDS

    def read(self) -> Answer:
        """What the service has now; see `Reads`."""
        try:
            answer = self._get()
        except ClientError as error:
            if code(error) != "ExpiredIteratorException":
                raise
            self._iterator = None  # after five minutes; the next one begins behind the last record
            return Answer([], self._behind, ended=False)
        self._iterator = answer.get("NextShardIterator")
        if answer["Records"]:
            self._start = Start.after(answer["Records"][-1]["SequenceNumber"])
        self._behind = answer.get("MillisBehindLatest", 0)
        return Answer(answer["Records"], self._behind, ended=self._iterator is None)

    def pause(self, answer: Answer) -> float:
        """Longer with each read that finds nothing at the end of the shard."""
        is_quiet = not answer.entries and answer.behind == 0
        self._pause = min(_IDLE_SECONDS, self._pause * 2) if is_quiet else _READ_SECONDS
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
