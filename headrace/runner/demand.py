"""What a mapping tells a poller: what it can take, and where a channel stands."""

from typing import Any

import msgspec


class Demand(msgspec.Struct, frozen=True):
    """What the mapping can take, as of one moment.

    Attributes:
        backlog: how many records wait in full batches that nothing holds up.
        paused: the channels whose source should fetch no more for now.
        blocked_on_commit: something stands still until a commit is acknowledged.
        idle: everything that was fed is done and committed.
        due_in: seconds until a batch may be ready; infinity if none will be.
        starving: no batch is ready, in work, or waiting for its next attempt.
    """

    backlog: int
    paused: frozenset[Any]
    blocked_on_commit: bool
    idle: bool
    due_in: float
    starving: bool = False


class ChannelState(msgspec.Struct, frozen=True):
    """Where one channel stands.

    Attributes:
        idle: everything that was fed is done and committed.
        read: everything that was fed is done.
        waiting: how many records wait to be taken.
        outstanding: how many records are not done.
        parking: a record that failed waits for its next attempt, and others behind it.
        oldest: the timestamp of the first record that is not done, in milliseconds since the
            epoch; None if there is no such record, or it has no timestamp.
    """

    idle: bool
    read: bool
    waiting: int
    outstanding: int
    oldest: int | None
    parking: bool = False
