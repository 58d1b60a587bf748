"""The Kinesis poller: all shards of a stream, parents before their children."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from headrace.errors import SettingsError
from headrace.record import Record, kinesis_position
from headrace.runner.kinesis.checkpoints import Advance, Checkpoint, Checkpoints
from headrace.runner.kinesis.errors import StreamError, is_passing
from headrace.runner.kinesis.fan_out_consumer import Consumer
from headrace.runner.kinesis.settings import KinesisSettings, open_client
from headrace.runner.kinesis.shard.get_records import Polling, Reads
from headrace.runner.kinesis.shard.reader import ShardReader
from headrace.runner.kinesis.shard.records import Unpacking
from headrace.runner.kinesis.shard.start import Start, resume
from headrace.runner.kinesis.shard.subscribe import Subscription
from headrace.runner.kinesis.stream import Stream, hash_keys, is_child, readable
from headrace.runner.mapping import Mapping
from headrace.runner.settings import MappingSettings
from headrace.sources.kpl import Deaggregation

if TYPE_CHECKING:
    from mypy_boto3_kinesis import KinesisClient
    from mypy_boto3_kinesis.type_defs import ShardTypeDef

__all__ = ["KinesisPoller", "KinesisSettings", "open_client", "open_poller"]

_POLL_SECONDS = 0.1
_LISTING_SECONDS = 10.0
_RETRY_SECONDS = 1.0


class KinesisPoller:
    """Reads one stream. One runner for each stream: the checkpoint file admits no second one.

    Each open shard has a thread, a connection and up to 40 MiB of what was read ahead. A quiet
    shard costs some 3 ms of processor time a second, one that is read at the full pace of five
    reads a second some 15 ms beside the records: 200 quiet ones take half a core. Take AWS Lambda
    or the KCL for streams that are larger than this.

    Args:
        client: the Kinesis client.
        stream: the stream's name, or its ARN.
        checkpoints: how far its shards are done.
        starting_position: where to begin with shards that have no checkpoint: TRIM_HORIZON,
            LATEST (of the first start) or AT_TIMESTAMP.
        timestamp: seconds since the epoch, for AT_TIMESTAMP.
        consumer: the consumer to read by enhanced fan-out.
        deaggregation: what becomes of aggregates; see KinesisSettings.

    Attributes:
        arn: the stream's.
        ready: whether each shard that may be read has answered.

    Raises:
        SettingsError: the stream, or what is asked of it, is not there.
    """

    window = 0.0

    def __init__(
        self,
        client: "KinesisClient",
        stream: str,
        checkpoints: Checkpoints,
        starting_position: str,
        *,
        timestamp: float | None = None,
        consumer: Consumer = Consumer(),  # noqa: B008 - frozen
        deaggregation: Deaggregation = "off",
    ) -> None:
        self.ready = False
        self._stream = Stream(client, stream)
        self.arn = self._stream.arn
        self._checkpoints = checkpoints
        self._consumer = consumer.find(self._stream)
        self._deaggregation = deaggregation
        self._first = _first(self._stream, timestamp)
        self._readers: dict[str, ShardReader] = {}
        self._listing_due = 0.0
        self._is_listed = False
        if starting_position == "LATEST" and not checkpoints.load(self._stream.identity):
            self._begin_at_latest()

    def start(self, mapping: Mapping) -> None:
        """Take the mapping; the first poll lists the shards."""
        self._mapping = mapping

    def poll(self, wait: float) -> None:
        """Start readers for shards whose turn has come, and end those that are done."""
        ages = {}
        for shard, reader in list(self._readers.items()):
            if reader.error is not None:
                raise StreamError(f"stream {self._stream.name!r}, {shard}: {reader.error}")
            ended = reader.ended  # asked first: what it fed last must be found below
            idle = self._mapping.dispatcher.is_idle(reader.lane)
            ages[shard] = reader.age(idle=idle)
            if ended and idle:
                self._finish(shard)
        self._mapping.stats.set_age(ages)
        if time.monotonic() >= self._listing_due:
            self._open_shards()
        self.ready |= self._is_listed and all(r.answered for r in self._readers.values())
        self._mapping.dispatcher.wait(min(wait, _POLL_SECONDS))

    def commit(self, records: Sequence[Record]) -> None:
        """Write checkpoints."""
        self._checkpoints.advance(self._stream.identity, map(_advance, records))

    def caught_up(self, shard: str) -> bool:
        """Whether the last read of a shard came to its present end."""
        reader = self._readers.get(shard)
        return reader is None or reader.ended or (reader.answered and not reader.age(idle=True))

    def close(self) -> None:
        """Stop the readers."""
        for reader in self._readers.values():
            reader.close()

    def _begin_at_latest(self) -> None:
        """Note the time at every shard: a shard that is born later is read from its start."""
        shards = [shard["ShardId"] for shard in self._stream.shards()]
        self._checkpoints.begin(self._stream.identity, shards, self._stream.found_at)

    def _open_shards(self) -> None:
        self._listing_due = time.monotonic() + _LISTING_SECONDS
        try:
            shards = self._stream.shards()
        except (ClientError, BotoCoreError) as error:
            if not is_passing(error):
                raise StreamError(f"stream {self._stream.name!r}: {error}") from None
            self._mapping.log.warning("listing shards failed", error=error)
            self._listing_due = time.monotonic() + _RETRY_SECONDS
            return
        known = self._checkpoints.load(self._stream.identity)
        finished = {shard for shard, checkpoint in known.items() if checkpoint.finished}
        for shard in readable(shards, finished):
            if shard["ShardId"] not in self._readers:
                self._read(shard, known.get(shard["ShardId"]))
        self._is_listed = True

    def _read(self, shard: "ShardTypeDef", checkpoint: Checkpoint | None) -> None:
        name, start = shard["ShardId"], resume(checkpoint, self._first)
        self._mapping.log.info("shard opened", shard=name, start=start)
        unpacking = Unpacking(
            self._stream.name,
            name,
            start,
            deaggregate=self._deaggregation != "off",
            within=hash_keys(shard) if self._deaggregation == "kcl" and is_child(shard) else None,
        )
        lane = self._mapping.open_lane(name)
        reader = ShardReader(name, self._reads(name, start), unpacking, lane, self._mapping)
        self._readers[name] = reader

    def _reads(self, shard: str, start: Start) -> Reads:
        if self._consumer is None:
            return Polling(self._stream, shard, start)
        return Subscription(self._stream, self._consumer, shard, start)

    def _finish(self, shard: str) -> None:
        reader = self._readers.pop(shard)
        self._checkpoints.finish(self._stream.identity, shard)
        self._mapping.dispatcher.close([reader.lane])
        self._mapping.log.info("shard finished", shard=shard)
        self._listing_due = 0.0  # its children's turn


def open_poller(
    client: "KinesisClient",
    source: KinesisSettings,
    settings: MappingSettings,
    checkpoints: Checkpoints,
    *,
    by_event: bool,
) -> KinesisPoller:
    """The poller that the settings ask for. Raises SettingsError.

    Args:
        client: the Kinesis client.
        source: which stream.
        settings: where to begin.
        checkpoints: how far its shards are done.
        by_event: whether the function takes the service's event: it gets aggregates as they came,
            as on AWS, where a sequence number is in a batch but once.
    """
    return KinesisPoller(
        client,
        source.stream,
        checkpoints,
        settings.starting_position,
        timestamp=settings.starting_position_timestamp,
        consumer=Consumer(source.consumer_name, source.consumer_arn),
        deaggregation="off" if by_event else source.kpl_deaggregation,
    )


def _first(stream: Stream, timestamp: float | None) -> Start:
    if timestamp is None:
        return Start()
    if timestamp > stream.found_at:
        raise SettingsError("HEADRACE_STARTING_POSITION_TIMESTAMP lies in the future")
    return Start.at(timestamp)


def _advance(record: Record) -> Advance:
    position = kinesis_position(record)
    return position.shard, position.sequence_number, position.sub_sequence_number
