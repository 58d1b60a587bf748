"""What the runner needs of a consumer group's member, whatever client is behind it.

All of it is about one topic, so partitions are numbers. A client's own types end at this border;
`headrace.runner.kafka.confluent` is the real one.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol

from headrace.errors import HeadraceError
from headrace.record import Record

BEGINNING = -2
END = -1
"""Where a log begins and ends, in place of a time: as Kafka's own protocol has it."""


class ConsumerError(HeadraceError):
    """The client or a broker could not do what was asked; the message says why."""


class ConsumerRefused(ConsumerError):
    """The brokers refuse, and time does not mend it."""


class Records(NamedTuple):
    """Consecutive records of one partition.

    Attributes:
        partition: its number.
        records: at least one.
        largest: bytes that none of them exceeds in an event.
        size: bytes of all their values.
    """

    partition: int
    records: list[Record]
    largest: float
    size: int = 0


class Unreadable(NamedTuple):
    """One message of which a part cannot be read.

    Attributes:
        partition: its number.
        record: what can be read of it.
        why: what cannot.
    """

    partition: int
    record: Record
    why: str


class LogEnd(NamedTuple):
    """A partition was read up to its end, for now: `offset` is the one after it.

    The same fetch may hold what was written after that; then the end is an old one.
    """

    partition: int
    offset: int


class NoPosition(NamedTuple):
    """A partition stands still: the group has no position, or the log does not hold it."""

    partition: int


class GoBack(NamedTuple):
    """The records of a partition from `offset` on are to come again, whatever was done of them."""

    partition: int
    offset: int


Fetched = Records | Unreadable | LogEnd | NoPosition | GoBack


class Listener(Protocol):
    """Is told what happens to a member. Called inside `fetch` and `close`."""

    def assigned(self, partitions: Iterable[int]) -> None:
        """Partitions are ours now; reading begins at the group's position."""
        ...

    def revoked(self, partitions: Iterable[int]) -> None:
        """Partitions are to be given back: they are ours until this returns."""
        ...

    def lost(self, partitions: Iterable[int]) -> None:
        """Partitions are gone: another member may read them already."""
        ...

    def committed(self, offsets: Mapping[int, int], errors: Mapping[int, ConsumerError]) -> None:
        """A commit was answered.

        Args:
            offsets: of the commit, by partition.
            errors: what stood in the way, by partition; the others are durable.
        """
        ...


class GroupConsumer(Protocol):
    """A member of a group, reading one topic. Used by one thread at a time."""

    def join(self, listener: Listener) -> None:
        """Join the group."""
        ...

    def fetch(self, most: int, timeout: float) -> list[Fetched]:
        """Return up to `most` messages; if there are none, wait up to `timeout` seconds for one.

        One unreadable message never fails the fetch.

        Raises:
            ConsumerError: The client cannot go on.
        """
        ...

    def pause(self, partitions: Iterable[int]) -> None:
        """Fetch these no more for now."""
        ...

    def resume(self, partitions: Iterable[int]) -> None:
        """Fetch these again, after the last message that was returned."""
        ...

    def read_from(self, offsets: Mapping[int, int], reached: Mapping[int, int | None]) -> None:
        """Go on reading partitions that stand still. What was paused is not any more.

        Args:
            offsets: where to go on, by partition.
            reached: the next offset of each partition that is ours, None if it is not known yet.

        Raises:
            ConsumerError: The client takes no position now.
        """
        ...

    def commit(self, offsets: Mapping[int, int]) -> None:
        """Send a commit; the listener hears of its answer. Raises ConsumerError if not sent."""
        ...

    def committed(self, partitions: Iterable[int], timeout: float) -> dict[int, int]:
        """Ask for the group's positions; a partition without one is left out.

        Raises:
            ConsumerError: A broker did not answer.
        """
        ...

    def offsets(self, partitions: Iterable[int], time: int, timeout: float) -> dict[int, int]:
        """Ask for the first offset at or after a time.

        Args:
            partitions: their numbers.
            time: milliseconds since the epoch, `BEGINNING` or `END`.
            timeout: seconds.

        Returns:
            The offset by partition; the end of the log if nothing came after that time.

        Raises:
            ConsumerError: A broker did not answer.
        """
        ...

    def log_end(self, partition: int) -> int:
        """Return the offset after the end of a partition, as of its last fetch."""
        ...

    def close(self) -> None:
        """Leave the group. Partitions that are still ours are revoked first."""
        ...
