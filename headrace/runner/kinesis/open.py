"""The Kinesis poller that the settings ask for."""

from typing import TYPE_CHECKING

from headrace.errors import SettingsError
from headrace.runner.kinesis.checkpoints import Checkpoints
from headrace.runner.kinesis.fan_out_consumer import FanOutConsumer
from headrace.runner.kinesis.pace import Pace
from headrace.runner.kinesis.poller import KinesisPoller
from headrace.runner.kinesis.settings import KinesisSource
from headrace.runner.kinesis.shard.start import ShardStart
from headrace.runner.kinesis.stream import Stream
from headrace.runner.settings import MappingSettings

if TYPE_CHECKING:
    from mypy_boto3_kinesis import KinesisClient


def open_poller(
    client: "KinesisClient",
    source: KinesisSource,
    settings: MappingSettings,
    checkpoints: Checkpoints,
    *,
    by_event: bool,
    pace: Pace = Pace(),  # noqa: B008 - frozen
) -> KinesisPoller:
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
        _begin_at_latest(stream, checkpoints)
    return KinesisPoller(
        stream,
        checkpoints,
        first,
        consumer_arn=consumer,
        deaggregation="off" if by_event else source.kpl_deaggregation,
        pace=pace,
    )


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
