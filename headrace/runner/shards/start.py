"""Where the reading of a shard begins, in the words of both ways to read one."""

from typing import Any

import msgspec

from headrace.runner.shards.checkpoints import Checkpoint


class ShardStart(msgspec.Struct, frozen=True):
    """A place in a shard.

    Attributes:
        kind: TRIM_HORIZON, AT_TIMESTAMP, AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER.
        sequence_number: for the last two.
        timestamp: seconds since the epoch, for AT_TIMESTAMP.
        sub_sequence_number: the last user record that is done, inside the aggregate at
            `sequence_number`; reading begins at that aggregate, and delivery after this one.
    """

    kind: str = "TRIM_HORIZON"
    sequence_number: str | None = None
    timestamp: float | None = None
    sub_sequence_number: int | None = None

    @classmethod
    def after(cls, sequence_number: str) -> "ShardStart":
        """After a record that was read."""
        return cls("AFTER_SEQUENCE_NUMBER", sequence_number)

    @classmethod
    def at(cls, timestamp: float) -> "ShardStart":
        """At the first record that arrived at or after that time."""
        return cls("AT_TIMESTAMP", timestamp=timestamp)

    def iterator(self) -> Any:
        """As arguments of GetShardIterator."""
        return self._named("ShardIteratorType", "StartingSequenceNumber")

    def position(self) -> Any:
        """As the StartingPosition of SubscribeToShard."""
        return self._named("Type", "SequenceNumber")

    def _named(self, kind: str, number: str) -> dict[str, Any]:
        values = {kind: self.kind, number: self.sequence_number, "Timestamp": self.timestamp}
        return {name: value for name, value in values.items() if value is not None}


def resume(checkpoint: Checkpoint | None, first: ShardStart) -> ShardStart:
    """Where to go on.

    Args:
        checkpoint: how far the shard is done.
        first: where a shard begins that has no checkpoint.
    """
    if checkpoint is None:
        return first
    number, sub = checkpoint.sequence_number, checkpoint.sub_sequence_number
    if number is not None:
        if sub is None:
            return ShardStart.after(number)
        return ShardStart("AT_SEQUENCE_NUMBER", number, sub_sequence_number=sub)
    return first if checkpoint.started_at is None else ShardStart.at(checkpoint.started_at)
