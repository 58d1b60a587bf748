"""A reader of one Kinesis shard, on a thread of its own."""

import threading
from collections.abc import Mapping as Map
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from workers.record import KinesisPosition, Record
from workers.runner.lane import Lane
from workers.runner.mapping import Mapping
from workers.runner.retry import Backoff

if TYPE_CHECKING:
    from mypy_boto3_kinesis import KinesisClient
    from mypy_boto3_kinesis.type_defs import RecordTypeDef

# The service takes five reads a second of each shard.
_READ_SECONDS = 0.21
_MOST_BUFFERED = 10_000
_PASSING = frozenset(
    {
        "InternalFailure",
        "KMSThrottlingException",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "ServiceUnavailable",
        "ThrottlingException",
    }
)
_BACKOFF = Backoff(first=_READ_SECONDS, longest=10.0)


def is_passing(error: Exception) -> bool:
    """Whether a request that failed so is worth repeating: throttled, or not answered."""
    if isinstance(error, ClientError):
        return error.response["Error"]["Code"] in _PASSING
    return isinstance(error, BotoCoreError)


class ShardReader:
    """Feeds one shard to its lane, from a start to the shard's end.

    Args:
        client: the Kinesis client.
        stream: the stream's name.
        shard: the shard's id.
        start: where to begin, as arguments of GetShardIterator.
        lane: takes the records.
        mapping: what the lane belongs to.

    Attributes:
        ended: the shard is closed, and all its records were fed.
        error: what ended the reader instead.
        behind: milliseconds behind the end of the shard, as the service last said.
    """

    def __init__(
        self,
        client: "KinesisClient",
        stream: str,
        shard: str,
        start: Map[str, Any],
        lane: Lane,
        mapping: Mapping,
    ) -> None:
        self.lane = lane
        self.ended = False
        self.error: Exception | None = None
        self.behind = 0
        self._client = client
        self._stream = stream
        self._shard = shard
        self._start = start
        self._mapping = mapping
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name=shard, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop reading; returns without waiting for a request that is under way."""
        self._closing.set()

    def _run(self) -> None:
        try:
            self.ended = self._read_all()
        except Exception as error:  # noqa: BLE001 - the poller raises it, on its own thread
            self.error = error

    def _read_all(self) -> bool:
        iterator: str | None = None
        failures = 0
        while not self._closing.is_set():
            wait = _READ_SECONDS
            try:
                if self.lane.buffered < _MOST_BUFFERED:
                    iterator = self._read(iterator or self._iterator())
                    if iterator is None:
                        return True
                failures = 0
            except (ClientError, BotoCoreError) as error:
                if _is_expired(error):
                    iterator = None  # a new one goes on after the last record read
                elif is_passing(error):
                    failures += 1
                    wait = _BACKOFF.delay(failures)
                    self._mapping.log.warning("read failed", shard=self._shard, error=error)
                else:
                    raise
            self._closing.wait(wait)
        return False

    def _iterator(self) -> str:
        answer = self._client.get_shard_iterator(
            StreamName=self._stream, ShardId=self._shard, **self._start
        )
        return answer["ShardIterator"]

    def _read(self, iterator: str) -> str | None:
        answer = self._client.get_records(ShardIterator=iterator, Limit=_MOST_BUFFERED)
        records = [self._record(entry) for entry in answer["Records"]]
        if records:
            self._start = after(answer["Records"][-1]["SequenceNumber"])
            if not self._mapping.feed(self.lane, records):
                self._closing.set()  # the shard was not read to its end: it must not seem so
                return iterator
        self.behind = answer.get("MillisBehindLatest", 0)
        return answer.get("NextShardIterator")

    def _record(self, entry: "RecordTypeDef") -> Record:
        return Record(
            "kinesis",
            KinesisPosition(self._stream, self._shard, entry["SequenceNumber"]),
            entry["Data"],
            entry["PartitionKey"].encode(),
            (),
            round(entry["ApproximateArrivalTimestamp"].timestamp() * 1000),
        )


def after(sequence_number: str) -> dict[str, Any]:
    """The arguments of GetShardIterator that go on after a record."""
    return {
        "ShardIteratorType": "AFTER_SEQUENCE_NUMBER",
        "StartingSequenceNumber": sequence_number,
    }


def _is_expired(error: Exception) -> bool:
    return (
        isinstance(error, ClientError)
        and error.response["Error"]["Code"] == "ExpiredIteratorException"
    )
