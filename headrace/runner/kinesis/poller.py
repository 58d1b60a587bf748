"""The Kinesis poller: all shards of a stream, parents before their children."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from headrace.record import KinesisPosition, Position
from headrace.runner.kinesis.checkpoints import Checkpoint, Checkpoints
from headrace.runner.kinesis.errors import StreamError, is_passing
from headrace.runner.kinesis.pace import Pace
from headrace.runner.kinesis.shard.get_records import GetRecords
from headrace.runner.kinesis.shard.read_method import ReadMethod
from headrace.runner.kinesis.shard.reader import ShardReader
from headrace.runner.kinesis.shard.records import Unpacking
from headrace.runner.kinesis.shard.start import ShardStart, resume
from headrace.runner.kinesis.shard.subscribe import Subscription
from headrace.runner.kinesis.stream import Stream, hash_keys, is_child, readable
from headrace.runner.poller import Intake
from headrace.settings import Deaggregation

if TYPE_CHECKING:
    from mypy_boto3_kinesis.type_defs import ShardTypeDef

_POLL_SECONDS = 0.1


class KinesisPoller:
    """Reads one stream. One runner for each stream: the checkpoint file admits no second one.

    Each open shard has a thread, a connection and up to 40 MiB of what was read ahead. A quiet
    shard costs some 3 ms of processor time a second, one that is read at the full pace of five
    reads a second some 15 ms beside the records: 200 quiet ones take half a core. Take AWS Lambda
    or the KCL for streams that are larger than this.

    Args:
        stream: the stream.
        checkpoints: how far its shards are done.
        first: where to begin with shards that have no checkpoint.
        consumer_arn: of the consumer to read by enhanced fan-out; None: by GetRecords.
        deaggregation: what becomes of aggregates; see KinesisSource.
        pace: how long to wait while nothing comes, or the service refuses.

    Attributes:
        ready: whether each shard that may be read has answered.
    """

    window = 0.0

    def __init__(
        self,
        stream: Stream,
        checkpoints: Checkpoints,
        first: ShardStart,
        *,
        consumer_arn: str | None = None,
        deaggregation: Deaggregation = "off",
        pace: Pace = Pace(),  # noqa: B008 - frozen
    ) -> None:
        self.ready = False
        self._stream = stream
        self._checkpoints = checkpoints
        self._first = first
        self._consumer_arn = consumer_arn
        self._deaggregation = deaggregation
        self._pace = pace
        self._readers: dict[str, ShardReader] = {}
        self._listing_due = 0.0
        self._is_listed = False

    @property
    def arn(self) -> str:
        """Return the stream's ARN."""
        return self._stream.arn

    def start(self, intake: Intake) -> None:
        """Take the mapping; the first poll lists the shards."""
        self._intake = intake

    def poll(self, wait: float) -> None:
        """Start readers for shards whose turn has come, and end those that are done."""
        ages = {}
        for shard, reader in list(self._readers.items()):
            if reader.error is not None:
                raise StreamError(f"stream {self._stream.name!r}, {shard}: {reader.error}")
            # `ended` before `state`: a reader that ends in between has fed records that the state
            # must show.
            ended = reader.ended
            state = self._intake.state(reader.channel)
            ages[shard] = reader.age(state)
            if ended and state.idle:
                self._finish(shard)
        self._intake.age(ages)
        if time.monotonic() >= self._listing_due:
            self._open_shards()
        self.ready |= self._is_listed and all(r.answered for r in self._readers.values())
        self._intake.wait(min(wait, _POLL_SECONDS))

    def commit(self, positions: Sequence[Position]) -> None:
        """Write checkpoints."""
        self._checkpoints.advance(
            self._stream.identity,
            [
                (position.shard, position.sequence_number, position.sub_sequence_number)
                for position in positions
                if isinstance(position, KinesisPosition)
            ],
        )

    def caught_up(self, shard: str) -> bool:
        """Return whether the last read of a shard came to its present end."""
        reader = self._readers.get(shard)
        return reader is None or reader.caught_up()

    def close(self) -> None:
        """Stop the readers."""
        for reader in self._readers.values():
            reader.close()

    def _open_shards(self) -> None:
        self._listing_due = time.monotonic() + self._pace.listing
        try:
            shards = self._stream.shards()
        except (ClientError, BotoCoreError) as error:
            if not is_passing(error):
                raise StreamError(f"stream {self._stream.name!r}: {error}") from None
            self._intake.log.warning("listing shards failed", error=error)
            self._listing_due = time.monotonic() + self._pace.failed_listing
            return
        known = self._checkpoints.load(self._stream.identity)
        finished = {shard for shard, checkpoint in known.items() if checkpoint.finished}
        for shard in readable(shards, finished):
            if shard["ShardId"] not in self._readers:
                self._read(shard, known.get(shard["ShardId"]))
        self._is_listed = True

    def _read(self, shard: "ShardTypeDef", checkpoint: Checkpoint | None) -> None:
        name, start = shard["ShardId"], resume(checkpoint, self._first)
        self._intake.log.info("shard opened", shard=name, start=start)
        unpacking = Unpacking(
            self._stream.name,
            name,
            start,
            deaggregate=self._deaggregation != "off",
            within=hash_keys(shard) if self._deaggregation == "kcl" and is_child(shard) else None,
        )
        method, channel = self._method(name, start), self._intake.open(name)
        self._readers[name] = ShardReader(
            name, method, unpacking, channel, self._intake, self._pace.failed_read
        )

    def _method(self, shard: str, start: ShardStart) -> ReadMethod:
        if self._consumer_arn is None:
            return GetRecords(self._stream, shard, start, self._pace.idle)
        return Subscription(self._stream, self._consumer_arn, shard, start)

    def _finish(self, shard: str) -> None:
        reader = self._readers.pop(shard)
        self._checkpoints.finish(self._stream.identity, shard)
        self._intake.abandon([reader.channel])
        self._intake.log.info("shard finished", shard=shard)
        self._listing_due = 0.0  # its children's turn
