"""What the benches of Kinesis and of DynamoDB Streams share: shards, and checkpoints of them."""

from collections.abc import Callable
from pathlib import Path

from headrace.runner.shards.checkpoints import Checkpoints
from headrace.runner.shards.pace import Pace
from headrace.testing.conformance.given import GivenRecord
from headrace.testing.conformance.memory.shards import Entry, MemoryShards, shard_name
from headrace.testing.conformance.requirement import Requirement

PACE = Pace(idle=0.005, listing=0.005)


class ShardedBench:
    """The shards of a stream, and how far they are done.

    Args:
        requirement: what is written.
        identity: of the stream, as its checkpoints name it.
        make: makes an entry of a record and its sequence number.
    """

    def __init__(
        self,
        requirement: Requirement,
        identity: Callable[[MemoryShards], str],
        make: Callable[[GivenRecord, str], Entry],
    ) -> None:
        self._shards = MemoryShards(requirement.partitions, requirement.parents)
        self._checkpoints = Checkpoints(Path(":memory:"))
        self._identity = identity(self._shards)
        self._make = make
        self._begun = dict(requirement.begun)
        self._names: dict[str, str] = {}

    def write(self, record: GivenRecord) -> None:
        """Append a record; it may have been done before."""
        shard = record.partition
        number = self._shards.append(shard, lambda number: self._make(record, number))
        self._names[number] = record.name
        if self._begun.get(shard) == record.name:
            self._checkpoints.advance(self._identity, [(shard_name(shard), number, None)])

    @property
    def is_read(self) -> bool:
        """Return whether each shard was read to its end."""
        return self._shards.is_read

    def is_settled(self, polled: int) -> bool:
        """Return whether each shard that is open was read to its end, and fed."""
        return self._shards.is_settled and self._shards.served == polled

    def positions(self) -> dict[int, str | None]:
        """Return the last record that is done, by shard."""
        known = self._checkpoints.load(self._identity)
        found: dict[int, str | None] = {}
        for shard in range(len(self._shards.logs)):
            checkpoint = known.get(shard_name(shard))
            number = checkpoint and checkpoint.sequence_number
            found[shard] = self._names[number] if number else None
        return found

    def close(self) -> None:
        """Close the checkpoints."""
        self._checkpoints.close()
