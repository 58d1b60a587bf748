"""A stream of Kinesis in memory."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast

from headrace.record import Record
from headrace.runner.kinesis.open import open_poller
from headrace.runner.kinesis.settings import KinesisSource
from headrace.runner.kinesis.stream import Stream
from headrace.runner.poller import Poller
from headrace.runner.protocol.events import kinesis_event
from headrace.runner.settings import MappingSettings, SourceKind
from headrace.testing.conformance.given import GivenRecord
from headrace.testing.conformance.memory.bench import written_at
from headrace.testing.conformance.memory.kinesis_client import ARN, MemoryKinesis
from headrace.testing.conformance.memory.sharded import PACE, ShardedBench
from headrace.testing.conformance.memory.shards import Entry, MemoryShards
from headrace.testing.conformance.requirement import Requirement


class KinesisBench(ShardedBench):
    """A stream, and its poller."""

    kind: SourceKind = "kinesis"
    poller: Poller

    def __init__(self, requirement: Requirement, settings: MappingSettings) -> None:
        super().__init__(requirement, _identity, _entry)
        client = cast("Any", MemoryKinesis(self._shards))
        source = KinesisSource(stream="orders", checkpoints=":memory:")
        self.poller = open_poller(
            client, source, settings, self._checkpoints, by_event=True, pace=PACE
        ).poller

    def build(self, records: Sequence[Record]) -> dict[str, Any]:
        """Make the event of a batch."""
        return kinesis_event(records, ARN)


def _identity(shards: MemoryShards) -> str:
    return Stream(cast("Any", MemoryKinesis(shards)), "orders").identity


def _entry(record: GivenRecord, number: str) -> Entry:
    return {
        "SequenceNumber": number,
        "Data": record.payload().encode(),
        "PartitionKey": record.key,
        "ApproximateArrivalTimestamp": datetime.fromtimestamp(written_at(record), UTC),
    }
