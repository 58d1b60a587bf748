"""The contract of a way to read one shard."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol


class ReadResult(NamedTuple):
    """What came of one read.

    Attributes:
        entries: the records, as the service sends them.
        behind: milliseconds from the last of them to the end of the shard.
        ended: the shard is closed, and this was its end.
        trimmed: before these, others were gone from the stream that nobody has read.
    """

    entries: Sequence[Any]
    behind: int
    ended: bool
    trimmed: bool = False


class ReadMethod(Protocol):
    """A way to read one shard. Used by one thread."""

    def read(self) -> ReadResult:
        """Return what comes next, waiting for it if need be.

        After an error, and after the service ended what it had begun, reading goes on behind the
        last record that was returned.
        """
        ...

    def pause(self, result: ReadResult) -> float:
        """Return the seconds to wait before the next read."""
        ...

    def close(self) -> None:
        """Let go of what the service holds for this reading."""
        ...
