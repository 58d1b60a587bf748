"""The poller of a stream of shards: parents before their children."""

import time
from collections.abc import Sequence

from botocore.exceptions import BotoCoreError, ClientError

from headrace.record import Position
from headrace.runner.poller import Intake
from headrace.runner.shards.bytes_ahead import BytesAhead
from headrace.runner.shards.checkpoints import Checkpoint, Checkpoints, advance_to
from headrace.runner.shards.errors import StreamError, is_passing
from headrace.runner.shards.pace import Pace
from headrace.runner.shards.reader import ShardReader
from headrace.runner.shards.start import ShardStart, resume
from headrace.runner.shards.stream import OpenReading, Shard, ShardedStream, readable

_POLL_SECONDS = 0.1


class ShardsPoller:
    """Reads one stream. One runner for each stream: the checkpoint file admits no second one.

    Each open shard has a thread and a connection. Of Kinesis, a quiet shard costs some 3 ms of
    processor time a second, one that is read at the full pace of five reads a second some 15 ms
    beside the records: 200 quiet ones take half a core. Take AWS Lambda or the KCL for streams that
    are larger than this.

    Args:
        stream: the stream.
        checkpoints: how far its shards are done.
        first: where to begin with shards that have no checkpoint.
        open_reading: says how a shard is read.
        ahead: how much may be ahead, over all shards.
        pace: how long to wait while nothing comes, or the service refuses.

    Attributes:
        ready: whether each shard that may be read has answered.
    """

    window = 0.0

    def __init__(
        self,
        stream: ShardedStream,
        checkpoints: Checkpoints,
        first: ShardStart,
        open_reading: OpenReading,
        *,
        ahead: BytesAhead | None = None,
        pace: Pace = Pace(),  # noqa: B008 - frozen
    ) -> None:
        self.ready = False
        self._stream = stream
        self._checkpoints = checkpoints
        self._first = first
        self._open_reading = open_reading
        self._ahead = ahead or BytesAhead()
        self._pace = pace
        self._readers: dict[str, ShardReader] = {}
        self._silent: set[str] = set()  # they may have something, so the run is not idle yet
        self._listing_due = 0.0
        self._is_listed = False

    def start(self, intake: Intake) -> None:
        """Take the mapping; the first poll lists the shards."""
        self._intake = intake

    def poll(self, wait: float) -> None:
        """Start readers for shards whose turn has come, and end those that are done."""
        ages = {}
        for shard, reader in list(self._readers.items()):
            if reader.error is not None:
                raise StreamError(f"{self._stream.what}, {shard}: {reader.error}")
            # `ended` before `state`: a reader that ends in between has fed records that the state
            # must show.
            ended = reader.ended
            state = self._intake.state(reader.channel)
            ages[shard] = reader.note(state)
            if shard in self._silent and reader.answered:
                self._silent.discard(shard)
                self._intake.keep_open(reader.channel, is_open=False)
            if ended and state.idle:
                self._finish(shard)
        self._intake.age(ages)
        if time.monotonic() >= self._listing_due:
            self._open_shards()
        self.ready |= self._is_listed and all(r.answered for r in self._readers.values())
        self._intake.wait(min(wait, _POLL_SECONDS))

    def commit(self, positions: Sequence[Position]) -> None:
        """Write checkpoints."""
        self._checkpoints.advance(self._stream.identity, map(advance_to, positions))

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
                raise StreamError(f"{self._stream.what}: {error}") from None
            self._intake.log.warning("listing shards failed", error=error)
            self._listing_due = time.monotonic() + self._pace.failed_listing
            return
        known = self._checkpoints.load(self._stream.identity)
        finished = {shard for shard, checkpoint in known.items() if checkpoint.finished}
        for shard in readable(shards, finished, self._readers.keys()):
            if shard["ShardId"] not in self._readers:
                self._read(shard, known.get(shard["ShardId"]))
        self._is_listed = True
        self._checkpoints.forget(self._stream.identity, [shard["ShardId"] for shard in shards])
        if self._stream.closed and not self._readers:
            raise StreamError(f"{self._stream.what}: it is disabled, and all that it held is done")

    def _read(self, shard: Shard, checkpoint: Checkpoint | None) -> None:
        name, start = shard["ShardId"], resume(checkpoint, self._first)
        self._intake.log.info(
            "shard opened",
            shard=name,
            start=start.kind,
            sequence_number=start.sequence_number,
            since=start.timestamp,
        )
        reading, channel = self._open_reading(shard, start), self._intake.open(name)
        self._silent.add(name)
        self._intake.keep_open(channel, is_open=True)
        self._readers[name] = ShardReader(
            name, reading, channel, self._intake, self._ahead, self._pace.failed_read
        )

    def _finish(self, shard: str) -> None:
        reader = self._readers.pop(shard)
        self._silent.discard(shard)
        self._ahead.forget(shard)
        self._checkpoints.finish(self._stream.identity, shard)
        self._intake.abandon([reader.channel])
        self._intake.log.info("shard finished", shard=shard)
        self._listing_due = 0.0  # its children's turn
