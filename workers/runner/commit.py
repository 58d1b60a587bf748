"""The committer: moves committed positions to what is done, and to nothing beyond."""

import time
from collections.abc import Callable, Iterable, Sequence

from aws_lambda_powertools.logging import Logger

from workers.record import Record
from workers.runner.dispatcher import Dispatcher
from workers.runner.lane import Lane
from workers.runner.stats import Stats

# Makes the positions of these records durable and waits for it; raises where it could not.
Commit = Callable[[Sequence[Record]], None]

_RETRY_SECONDS = 0.2
# Between two commits, unless a lane stands still: each one is a wait for the broker.
_PAUSE_SECONDS = 0.05


class Committer:
    """Commits all lanes that moved in one request; what moves meanwhile goes with the next.

    Belongs to whoever polls: a Kafka consumer lets a commit wait while another thread polls.
    """

    def __init__(self, dispatcher: Dispatcher, commit: Commit, stats: Stats, log: Logger) -> None:
        self._dispatcher = dispatcher
        self._commit = commit
        self._stats = stats
        self._log = log
        self._due = 0.0
        self._retry_at = 0.0

    @property
    def due(self) -> bool:
        """Whether the last commit is long enough ago."""
        return time.monotonic() >= self._due

    def flush_if_needed(self) -> None:
        """Commit what is done, where it is due or a lane stands still until then."""
        now = time.monotonic()
        if now < self._retry_at or not (self.due or self._dispatcher.gated()):
            return
        if not self.flush():
            self._retry_at = now + _RETRY_SECONDS
        self._due = now + _PAUSE_SECONDS

    def flush(self, lanes: Iterable[Lane] | None = None) -> bool:
        """Commit what is done in these lanes (None: in all). Returns whether that succeeded."""
        positions = self._dispatcher.uncommitted(lanes)
        if not positions:
            return True
        try:
            self._commit([record for record, _ in positions.values()])
        except Exception as error:  # noqa: BLE001 - the position stays, and is tried again
            self._log.warning("commit failed", lanes=len(positions), error=error)
            return False
        self._stats.add(committed=self._dispatcher.committed(positions))
        return True

    def flush_until(self, deadline: float, lanes: Iterable[Lane]) -> None:
        """Try until it succeeds or `time.monotonic()` reaches the deadline; try at least once."""
        while not self.flush(lanes) and time.monotonic() + _RETRY_SECONDS <= deadline:
            time.sleep(_RETRY_SECONDS)
