"""What a mapping needs of a stream."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from workers.record import Record

if TYPE_CHECKING:
    from workers.runner.mapping import Mapping


class Poller(Protocol):
    """The stream's side of a mapping. Polled by several threads, but by one at a time.

    Attributes:
        ready: whether the source has given its first assignment.
        window: the batching window that the service takes where none is set, in seconds.
    """

    ready: bool
    window: float

    def start(self, mapping: "Mapping") -> None:
        """Begin to open lanes on the mapping and to feed them."""
        ...

    def poll(self, wait: float) -> None:
        """Feed what has come; where nothing has, wait up to so many seconds.

        Returns early once a batch may be ready, as far as that can be seen.
        """
        ...

    def commit(self, records: Sequence[Record]) -> None:
        """Make the positions of these records durable, and wait for it; raise where not.

        Never called while another thread polls.
        """
        ...

    def close(self) -> None:
        """Leave the source. All commits have been made."""
        ...
