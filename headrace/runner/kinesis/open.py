"""The Kinesis poller that the settings ask for."""

from typing import TYPE_CHECKING, NamedTuple

from headrace.errors import SettingsError
from headrace.runner.kinesis.fan_out_consumer import FanOutConsumer
from headrace.runner.kinesis.get_records import PolledShard
from headrace.runner.kinesis.records import Unpacking
from headrace.runner.kinesis.settings import KinesisSource
from headrace.runner.kinesis.stream import Stream, hash_keys, is_child
from headrace.runner.kinesis.subscribe import Subscription
from headrace.runner.settings import MappingSettings
from headrace.runner.shards.bytes_ahead import MEGABYTE, BytesAhead
from headrace.runner.shards.checkpoints import Checkpoints
from headrace.runner.shards.get_records import GetRecords
from headrace.runner.shards.pace import Pace
from headrace.runner.shards.poller import ShardsPoller
from headrace.runner.shards.presence import looking_for
from headrace.runner.shards.start import ShardStart
from headrace.runner.shards.stream import OpenReading, Reading, Shard
from headrace.settings import Deaggregation

if TYPE_CHECKING:
    from mypy_boto3_kinesis import KinesisClient


class Opened(NamedTuple):
    """A poller, and the ARN of what it polls."""

    poller: ShardsPoller
    arn: str


def open_poller(
    client: "KinesisClient",
    source: KinesisSource,
    settings: MappingSettings,
    checkpoints: Checkpoints,
    *,
    by_event: bool,
    pace: Pace = Pace(),  # noqa: B008 - frozen
) -> Opened:
    """Return a poller of a stream.

    Args:
        client: the Kinesis client.
        source: which stream.
        settings: where to begin.
        checkpoints: how far its shards are done.
        by_event: whether the function takes the service's event: it gets aggregates as they came,
            as on AWS, where a sequence number is in a batch but once.
        pace: how long to wait while nothing comes, or the service refuses.

    Raises:
        SettingsError: The stream, or what is asked of it, is not there.
    """
    stream = Stream(client, source.stream)
    consumer = FanOutConsumer(source.consumer_name, source.consumer_arn).find(
        stream, pace.registration
    )
    first = _first(stream, settings.starting_position_timestamp)
    if settings.starting_position == "LATEST" and not checkpoints.load(stream.identity):
        with looking_for(stream.what):
            _begin_at_latest(stream, checkpoints)
    ahead = BytesAhead(source.megabytes_ahead * MEGABYTE)
    deaggregation = "off" if by_event else source.kpl_deaggregation
    reading = opens_readings(stream, consumer, deaggregation, ahead, pace)
    return Opened(
        ShardsPoller(stream, checkpoints, first, reading, ahead=ahead, pace=pace), stream.arn
    )


def opens_readings(
    stream: Stream,
    consumer_arn: str | None,
    deaggregation: Deaggregation,
    ahead: BytesAhead,
    pace: Pace,
) -> OpenReading:
    """Return what opens the reading of a shard.

    Args:
        stream: the stream.
        consumer_arn: of the consumer to read by enhanced fan-out; None: by GetRecords.
        deaggregation: what becomes of aggregates; see KinesisSource.
        ahead: how much may be ahead, over all shards.
        pace: how long to wait while nothing comes.
    """

    def open_reading(shard: Shard, start: ShardStart) -> Reading:
        name = shard["ShardId"]
        unpacking = Unpacking(
            stream.name,
            name,
            start,
            deaggregate=deaggregation != "off",
            within=hash_keys(shard) if deaggregation == "kcl" and is_child(shard) else None,
        )
        if consumer_arn is None:
            polled = GetRecords(PolledShard(stream, name), start, pace.idle, ahead)
            return Reading(polled, unpacking)
        return Reading(Subscription(stream, consumer_arn, name, start), unpacking)

    return open_reading


def _first(stream: Stream, timestamp: float | None) -> ShardStart:
    if timestamp is None:
        return ShardStart()
    if timestamp > stream.found_at:
        raise SettingsError("HEADRACE_STARTING_POSITION_TIMESTAMP lies in the future")
    return ShardStart.at(timestamp)


def _begin_at_latest(stream: Stream, checkpoints: Checkpoints) -> None:
    """Note the time at every shard: a shard that is born later is read from its start."""
    shards = [shard["ShardId"] for shard in stream.shards()]
    checkpoints.begin(stream.identity, shards, stream.found_at)
