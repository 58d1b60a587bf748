"""What a mapping needs of a stream."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from headrace.record import Record

if TYPE_CHECKING:
    from headrace.runner.mapping import Mapping


class Poller(Protocol):
    """The stream's side of a mapping. Polled by several threads, but by one at a time.

    Attributes:
        window: the batching window that the service takes where none is set, in seconds.
    """

    window: float

    @property
    def ready(self) -> bool:
        """Whether the source has given its first assignment."""
        ...

    def start(self, mapping: "Mapping") -> None:
        """Begin to open lanes on the mapping and to feed them.

        A poller whose source answers a commit later sets `mapping.committer.begin`, so that
        nobody waits for the answer; what it takes while it is polled, it settles.
        """
        ...

    def poll(self, wait: float) -> None:
        """Feed what has come; where nothing has, wait up to so many seconds.

        Returns early once a batch may be ready, as far as that can be seen.
        """
        ...

    def commit(self, records: Sequence[Record]) -> None:
        """Make the positions of these records durable, and wait for it; raise where not.

        With `committer.begin` set, this is for the end of an assignment alone: it may come inside
        a callback of the source, and must not wait without an end.

        Never called while another thread polls.
        """
        ...

    def close(self) -> None:
        """Leave the source. All commits have been made."""
        ...
