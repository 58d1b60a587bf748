"""The contract of a way to read one shard."""

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from mypy_boto3_kinesis.type_defs import RecordTypeDef


class ReadResult(NamedTuple):
    """What came of one read.

    Attributes:
        entries: the records.
        behind: milliseconds from the last of them to the end of the shard.
        ended: the shard is closed, and this was its end.
    """

    entries: list["RecordTypeDef"]
    behind: int
    ended: bool


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
