"""The two sides of a source: what a mapping needs of a poller, and what a poller needs of it.

A poller knows its stream and the `Intake`; nothing else of the engine. So a new kind of stream is
one folder that imports this file, `headrace.record` and its own client.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from headrace.log import Log
from headrace.record import Position, Record
from headrace.runner.demand import ChannelState, Demand

# Takes, for each position of a commit, None (it is durable) or what stood in the way.
Settle = Callable[[Sequence[Exception | None]], None]


class Channel(Protocol):
    """One partition or shard during one assignment, as the mapping keeps it.

    A partition that comes back gets a new channel: what comes late for the old one moves nothing.
    """

    @property
    def name(self) -> str:
        """Return the name in logs and events: `topic-0`, or the shard's id."""
        ...

    @property
    def done(self) -> Position | None:
        """Return the last position up to which all is done; None before the first."""
        ...


class Intake(Protocol):
    """The mapping, as a poller sees it. Any thread may call it.

    A channel that is passed must be one that `open` returned.

    Attributes:
        log: is told what is out of the ordinary.
    """

    log: Log

    def open(self, name: str) -> Channel:
        """Begin an assignment."""
        ...

    def feed(self, channel: Any, records: Sequence[Record], largest: float = ...) -> bool:
        """Hand over records that were polled for a channel, in the order of the source.

        Args:
            channel: where they belong. One that was closed takes nothing.
            records: the next ones.
            largest: an upper bound on the size of any of them in an event, in bytes. With small
                records, this alone says that a batch fits.

        Returns:
            False if the limit on all records cut some off: then feed this channel no more.
        """
        ...

    def feed_unreadable(self, channel: Any, record: Record, why: str) -> bool:
        """Hand over a record of which a part could not be read: it fails, and no other.

        Args:
            channel: where it belongs.
            record: what could be read of it.
            why: what could not.

        Returns:
            What `feed` returns.
        """
        ...

    def release(self, channels: Iterable[Any]) -> None:
        """Give channels back: begin no batch, wait for the running ones, commit what is done."""
        ...

    def abandon(self, channels: Iterable[Any]) -> None:
        """Forget channels. Nothing more of them is committed: they were lost, or are finished."""
        ...

    def keep_open(self, channel: Any, *, is_open: bool) -> None:
        """Say whether a channel still has an end to come, so that it does not count as idle."""
        ...

    def channels(self) -> Sequence[Channel]:
        """Return all channels that are open."""
        ...

    def state(self, channel: Any) -> ChannelState:
        """Return where a channel stands."""
        ...

    def demand(self) -> Demand:
        """Return what can be taken now. Ask once before each poll."""
        ...

    def wait(self, seconds: float) -> None:
        """Wait until a batch may be ready, but at most so many seconds."""
        ...

    def lost(self, count: int) -> None:
        """Count records that were gone from the source before they were read."""
        ...

    def lag(self, records: Mapping[str, int]) -> None:
        """Tell how many records each channel is behind the end of its log, by its name."""
        ...

    def age(self, milliseconds: Mapping[str, int]) -> None:
        """Tell how many milliseconds each channel is behind the end of its log, by its name."""
        ...


class Poller(Protocol):
    """The stream's side of a mapping. Several threads poll, but one at a time.

    Attributes:
        window: the batching window of the service if none is set, in seconds.
    """

    window: float

    @property
    def ready(self) -> bool:
        """Return whether the source has given its first assignment."""
        ...

    def start(self, intake: Intake) -> None:
        """Begin to open channels and to feed them."""
        ...

    def poll(self, wait: float) -> None:
        """Fetch what is available and feed it. If nothing is, wait up to `wait` seconds.

        Returns early once a batch may be ready, as far as that can be seen.
        """
        ...

    def commit(self, positions: Sequence[Position]) -> None:
        """Make positions durable, and wait for it. Raise if that cannot be said of all of them.

        A poller that also has `begin_commit` is asked for this at the end of an assignment only:
        perhaps inside a callback of the source, so it must not wait without an end.

        Never called while another thread polls.
        """
        ...

    def close(self) -> None:
        """Leave the source. All commits have been made."""
        ...


@runtime_checkable
class CommitsLater(Protocol):
    """A poller whose source answers a commit later, so that nobody waits for it."""

    def begin_commit(self, positions: Sequence[Position], settle: Settle) -> None:
        """Begin to make positions durable and return at once.

        `settle` is called exactly once, while the source is polled. One such commit is out at a
        time.
        """
        ...
