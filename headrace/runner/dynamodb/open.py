"""The poller of a table's changes that the settings ask for."""

from headrace.runner.dynamodb.records import Changes
from headrace.runner.dynamodb.settings import Clients, DynamoDbSource
from headrace.runner.dynamodb.shard import TableShard
from headrace.runner.dynamodb.stream import TableStream, is_open
from headrace.runner.settings import MappingSettings
from headrace.runner.shards.bytes_ahead import MEGABYTE, BytesAhead
from headrace.runner.shards.checkpoints import Checkpoints
from headrace.runner.shards.get_records import GetRecords
from headrace.runner.shards.pace import Pace
from headrace.runner.shards.poller import ShardsPoller
from headrace.runner.shards.presence import looking_for
from headrace.runner.shards.start import ShardStart
from headrace.runner.shards.stream import Reading, Shard


def open_poller(
    clients: Clients,
    source: DynamoDbSource,
    settings: MappingSettings,
    checkpoints: Checkpoints,
    *,
    pace: Pace = Pace(),  # noqa: B008 - frozen
) -> ShardsPoller:
    """Return a poller of a table's changes.

    Args:
        clients: of the two services.
        source: which table.
        settings: where to begin.
        checkpoints: how far the shards are done.
        pace: how long to wait while nothing comes, or the service refuses.

    Raises:
        SettingsError: The table, or its stream, is not there.
    """
    stream = TableStream(clients, source.table)
    fresh: set[str] = set()
    if settings.starting_position == "LATEST" and not checkpoints.load(stream.identity):
        with looking_for(stream.what):
            fresh = _begin_at_latest(stream, checkpoints)
    ahead = BytesAhead(source.megabytes_ahead * MEGABYTE)

    def open_reading(shard: Shard, start: ShardStart) -> Reading:
        name = shard["ShardId"]
        polled = TableShard(stream, name, is_first_start=name in fresh)
        return Reading(GetRecords(polled, start, pace.idle, ahead), Changes(stream, name))

    return ShardsPoller(stream, checkpoints, ShardStart(), open_reading, ahead=ahead, pace=pace)


def _begin_at_latest(stream: TableStream, checkpoints: Checkpoints) -> set[str]:
    """Note the time at open shards, and that closed ones are done. A later shard is read whole."""
    shards = stream.shards()
    open_ones = {shard["ShardId"] for shard in shards if is_open(shard)}
    checkpoints.begin(stream.identity, open_ones, stream.found_at)
    for shard in shards:
        if shard["ShardId"] not in open_ones:
            checkpoints.finish(stream.identity, shard["ShardId"])
    return open_ones
