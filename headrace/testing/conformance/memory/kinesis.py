"""A stream of Kinesis in memory."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from headrace.record import Record
from headrace.runner.kinesis.open import open_poller
from headrace.runner.kinesis.settings import KinesisSource
from headrace.runner.kinesis.stream import Stream
from headrace.runner.poller import Poller
from headrace.runner.protocol.events import kinesis_event
from headrace.runner.settings import MappingSettings, SourceKind
from headrace.runner.shards.checkpoints import Checkpoints
from headrace.runner.shards.pace import Pace
from headrace.testing.conformance.given import GivenRecord
from headrace.testing.conformance.memory.bench import written_at
from headrace.testing.conformance.memory.kinesis_client import ARN, MemoryKinesis, shard_name
from headrace.testing.conformance.requirement import Requirement

_PACE = Pace(idle=0.005, listing=0.005)


class KinesisBench:
    """A stream, its poller and its checkpoints."""

    kind: SourceKind = "kinesis"

    def __init__(self, requirement: Requirement, settings: MappingSettings) -> None:
        client = MemoryKinesis(requirement.partitions, requirement.parents)
        self._client = client
        self._checkpoints = Checkpoints(Path(":memory:"))
        self._begun = dict(requirement.begun)
        self._names = requirement.names()
        self._identity = Stream(cast("Any", client), "orders").identity
        self._settings = settings
        source = KinesisSource(stream="orders", checkpoints=":memory:")
        self.poller: Poller = open_poller(
            cast("Any", client), source, settings, self._checkpoints, by_event=True, pace=_PACE
        ).poller

    def build(self, records: Sequence[Record]) -> dict[str, Any]:
        """Make the event of a batch."""
        return kinesis_event(records, ARN)

    def write(self, record: GivenRecord) -> None:
        """Put a record; it may have been done before."""
        key = cast("str", record.key)
        self._client.put(record.partition, record.payload().encode(), key, written_at(record))
        if self._begun.get(record.partition) == record.name:
            number = self._client.logs[record.partition][-1]["SequenceNumber"]
            place = (shard_name(record.partition), number, None)
            self._checkpoints.advance(self._identity, [place])

    @property
    def is_read(self) -> bool:
        """Return whether each shard was read to its end."""
        return self._client.is_read

    def is_settled(self, polled: int) -> bool:
        """Return whether each shard that is open was read to its end, and fed."""
        return self._client.is_settled and self._client.served == polled

    def positions(self) -> dict[int, str | None]:
        """Return the last record that is done, by shard."""
        known = self._checkpoints.load(self._identity)
        found: dict[int, str | None] = {}
        for shard, log in enumerate(self._client.logs):
            checkpoint = known.get(shard_name(shard))
            number = checkpoint and checkpoint.sequence_number
            names = {e["SequenceNumber"]: self._names[e["Data"].decode()] for e in log}
            found[shard] = names[number] if number else None
        return found

    def close(self) -> None:
        """Close the checkpoints."""
        self._checkpoints.close()
