"""The last dead letters of a run and why they are, for people who watch it."""

import time
from collections import deque
from collections.abc import Iterable, Sequence

import msgspec

from headrace.dead_letters.letter import encodable

_KEPT = 50
_LONGEST_REASON = 500


class DeadLettered(msgspec.Struct, frozen=True):
    """A record that went to the dead letters, or to the failure destination.

    Attributes:
        record: its id.
        why: the reason, in at most 500 characters.
        at: when, in milliseconds since the epoch.
    """

    record: str
    why: str
    at: int


class RecentDeadLetters:
    """Keeps the last 50. Any thread may add."""

    def __init__(self) -> None:
        self._kept: deque[DeadLettered] = deque(maxlen=_KEPT)  # its appends are atomic

    def add(self, found: Iterable[tuple[str, str]]) -> None:
        """Note ids of records, each with its reason."""
        at = time.time_ns() // 1_000_000
        self._kept.extend(
            DeadLettered(record, encodable(why[:_LONGEST_REASON]), at) for record, why in found
        )

    def latest_first(self) -> Sequence[DeadLettered]:
        """Return what is kept."""
        return [*reversed(self._kept.copy())]
