"""A stream of Kinesis and a table's stream on a stand-in, and how far the runner came on them."""

import uuid
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from headrace.runner.dynamodb.settings import Clients, DynamoDbSource
from headrace.runner.dynamodb.stream import TableStream
from headrace.runner.kinesis.settings import KinesisSource
from headrace.runner.kinesis.stream import Stream
from headrace.runner.shards.checkpoints import Checkpoints
from headrace.testing.conformance.events import item_payload
from headrace.testing.conformance.given import GivenRecord
from headrace.testing.conformance.live.place import REGION, Place
from headrace.testing.conformance.observed import Observed
from headrace.testing.conformance.requirement import Requirement
from headrace.testing.conformance.stand_ins.sources import KinesisSource as MadeStream
from headrace.testing.conformance.stand_ins.sources import TableSource


class _Shards:
    """What both have in common.

    Args:
        made: the stream, or the table.
        folder: for the checkpoints.
    """

    def __init__(self, made: MadeStream | TableSource, folder: Path) -> None:
        self._made = made
        self._checkpoints = folder / "checkpoints.sqlite"

    def write(self, record: GivenRecord) -> None:
        """Write a record."""
        self._made.write(record)

    def begin(self, begun: Mapping[int, str]) -> None:
        """Write checkpoints."""
        if begun:
            places = {name: place for place, name in self._places().items()}
            with Checkpoints(self._checkpoints) as checkpoints:
                done = [(*places[name], None) for name in begun.values()]
                checkpoints.advance(self._found()[1], done)

    def observe(self, observed: Observed) -> None:
        """Add the positions that the checkpoints have."""
        places, (shards, identity) = self._places(), self._found()
        with Checkpoints(self._checkpoints) as checkpoints:
            known = checkpoints.load(identity)
        observed.positions = {
            shards.index(shard): places[shard, found.sequence_number]
            for shard, found in known.items()
            if found.sequence_number
        }

    @abstractmethod
    def _places(self) -> dict[tuple[str, str], str]:
        """Return the names of the records, by shard and sequence number."""

    @abstractmethod
    def _found(self) -> tuple[list[str], str]:
        """Return the ids of the shards in order, and what checkpoints call the stream."""


class KinesisLive(_Shards):
    """A stream."""

    def __init__(self, place: Place, requirement: Requirement, folder: Path) -> None:
        name = f"c-{uuid.uuid4().hex[:12]}"
        self._stream = MadeStream(place.client, name, requirement)
        super().__init__(self._stream, folder)
        self._client = place.client("kinesis")
        self.settings = KinesisSource(
            stream=name,
            checkpoints=str(self._checkpoints),
            endpoint_url=place.endpoint,
            region=REGION,
        )

    def _places(self) -> dict[tuple[str, str], str]:
        return self._stream.places

    def _found(self) -> tuple[list[str], str]:
        stream = Stream(self._client, self.settings.stream)
        return sorted(shard["ShardId"] for shard in stream.shards()), stream.identity


class TableLive(_Shards):
    """A table with its stream."""

    def __init__(self, place: Place, requirement: Requirement, folder: Path) -> None:
        name = f"c-{uuid.uuid4().hex[:12]}"
        super().__init__(TableSource(place.client, name, requirement), folder)
        self._names = requirement.names()
        self._clients = Clients(place.client("dynamodb"), place.client("dynamodbstreams"))
        self.settings = DynamoDbSource(
            table=name,
            checkpoints=str(self._checkpoints),
            endpoint_url=place.endpoint,
            region=REGION,
        )

    def _places(self) -> dict[tuple[str, str], str]:
        """Ask the stream: whoever writes an item is not told."""
        return {
            (shard, change["SequenceNumber"]): self._names[item_payload(change)]
            for shard in self._found()[0]
            for change in self._changes(shard)
        }

    def _found(self) -> tuple[list[str], str]:
        stream = TableStream(self._clients, self.settings.table)
        return sorted(shard["ShardId"] for shard in stream.shards()), stream.identity

    def _changes(self, shard: str) -> Iterator[Any]:
        client = self._clients.streams
        told = client.get_shard_iterator(
            StreamArn=self._found()[1], ShardId=shard, ShardIteratorType="TRIM_HORIZON"
        )
        iterator = told["ShardIterator"]
        while iterator and (told := client.get_records(ShardIterator=iterator))["Records"]:
            yield from (record["dynamodb"] for record in told["Records"])
            iterator = told.get("NextShardIterator")
