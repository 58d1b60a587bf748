"""The Kinesis poller: all shards of a stream, parents before their children."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import boto3
import msgspec
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from workers.errors import SettingsError
from workers.record import KinesisPosition, Record
from workers.runner.checkpoint import Checkpoint, Checkpoints
from workers.runner.mapping import Mapping
from workers.runner.shard import ShardReader, after, is_passing

if TYPE_CHECKING:
    from mypy_boto3_kinesis import KinesisClient
    from mypy_boto3_kinesis.type_defs import ShardTypeDef

_POLL_SECONDS = 0.1
_LISTING_SECONDS = 10.0


class KinesisSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Which stream to read, and how to reach it.

    Attributes:
        stream: its name.
        checkpoints: the SQLite file that holds how far it is done.
        endpoint_url: a stand-in for the service; None: as AWS's own variables say.
        region: None: as AWS's own variables and files say.
    """

    stream: str
    checkpoints: str
    endpoint_url: str | None = None
    region: str | None = None


def open_client(settings: KinesisSettings) -> "KinesisClient":
    """A client for the stream. Raises SettingsError where region or credentials are missing."""
    try:
        return boto3.client(
            "kinesis",
            endpoint_url=settings.endpoint_url,
            region_name=settings.region,
            config=Config(retries={"mode": "standard"}, max_pool_connections=50),
        )
    except BotoCoreError as error:
        raise SettingsError(f"Kinesis client: {error}") from None


class KinesisPoller:
    """Reads one stream. One runner for each stream: the checkpoint file admits no second one."""

    window = 0.0

    def __init__(
        self,
        client: "KinesisClient",
        stream: str,
        checkpoints: Checkpoints,
        starting_position: str,
    ) -> None:
        """Look the stream up. Raises SettingsError where it is not there."""
        self.ready = False
        self._client = client
        self._stream = stream
        self._checkpoints = checkpoints
        self._readers: dict[str, ShardReader] = {}
        self._listing_due = 0.0
        self.arn, self._identity = self._describe()
        if starting_position == "LATEST" and not checkpoints.load(self._identity):
            self._begin_at_latest()

    def start(self, mapping: Mapping) -> None:
        """Take the mapping; the first poll lists the shards."""
        self._mapping = mapping

    def poll(self, wait: float) -> None:
        """Start readers for shards whose turn has come, and end those that are done."""
        for shard, reader in list(self._readers.items()):
            if reader.error is not None:
                raise reader.error
            if reader.ended and self._mapping.dispatcher.is_idle(reader.lane):
                self._finish(shard)
        if time.monotonic() >= self._listing_due:
            self._open_shards()
        lag = {shard: reader.behind for shard, reader in self._readers.items()}
        self._mapping.stats.set_lag(lag)
        self._mapping.dispatcher.wait(min(wait, _POLL_SECONDS))

    def commit(self, records: Sequence[Record]) -> None:
        """Write checkpoints."""
        positions = [cast("KinesisPosition", record.position) for record in records]
        self._checkpoints.advance(self._identity, {p.shard: p.sequence_number for p in positions})

    def close(self) -> None:
        """Stop the readers."""
        for reader in self._readers.values():
            reader.close()

    def _describe(self) -> tuple[str, str]:
        """The stream's ARN, and a name that no later stream of the same ARN shares."""
        try:
            answer = self._client.describe_stream_summary(StreamName=self._stream)
        except (ClientError, BotoCoreError) as error:
            raise SettingsError(f"stream {self._stream!r}: {error}") from None
        summary = answer["StreamDescriptionSummary"]
        created = summary["StreamCreationTimestamp"].timestamp()
        return summary["StreamARN"], f"{summary['StreamARN']}@{created:.3f}"

    def _begin_at_latest(self) -> None:
        now = time.time()
        shards = self._list_shards()
        for shard in shards:
            if "EndingSequenceNumber" in shard["SequenceNumberRange"]:
                self._checkpoints.finish(self._identity, shard["ShardId"])
        self._checkpoints.begin(self._identity, [shard["ShardId"] for shard in shards], now)

    def _list_shards(self) -> list["ShardTypeDef"]:
        pages = self._client.get_paginator("list_shards").paginate(StreamName=self._stream)
        return [shard for page in pages for shard in page["Shards"]]

    def _open_shards(self) -> None:
        """Start a reader for every shard whose parents are done, or gone from the stream."""
        self._listing_due = time.monotonic() + _LISTING_SECONDS
        try:
            shards = {shard["ShardId"]: shard for shard in self._list_shards()}
        except (ClientError, BotoCoreError) as error:
            if not is_passing(error):
                raise
            self._mapping.log.warning("listing shards failed", error=error)
            return
        known = self._checkpoints.load(self._identity)
        finished = {shard for shard, checkpoint in known.items() if checkpoint.finished}
        for name, shard in shards.items():
            if name in self._readers or name in finished:
                continue
            parents = {shard.get("ParentShardId"), shard.get("AdjacentParentShardId")}
            if not (parents & shards.keys()) - finished:
                self._read(name, known.get(name))
        self.ready = True

    def _read(self, shard: str, checkpoint: Checkpoint | None) -> None:
        start = _start(checkpoint)
        self._mapping.log.info("shard opened", shard=shard, start=start)
        lane = self._mapping.open_lane(shard)
        self._readers[shard] = ShardReader(
            self._client, self._stream, shard, start, lane, self._mapping
        )

    def _finish(self, shard: str) -> None:
        reader = self._readers.pop(shard)
        self._checkpoints.finish(self._identity, shard)
        self._mapping.dispatcher.close([reader.lane])
        self._mapping.log.info("shard finished", shard=shard)
        self._listing_due = 0.0  # its children's turn


def _start(checkpoint: Checkpoint | None) -> dict[str, Any]:
    """Where to read on, as arguments of GetShardIterator."""
    if checkpoint is None:
        return {"ShardIteratorType": "TRIM_HORIZON"}
    if checkpoint.sequence_number is not None:
        return after(checkpoint.sequence_number)
    return {"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": checkpoint.started_at}
