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

RETRY_SECONDS = 0.2


class Committer:
    """Commits all lanes that moved in one request; what moves meanwhile goes with the next.

    Belongs to the poller's thread: a Kafka consumer admits one thread at a time.
    """

    def __init__(self, dispatcher: Dispatcher, commit: Commit, stats: Stats, log: Logger) -> None:
        self._dispatcher = dispatcher
        self._commit = commit
        self._stats = stats
        self._log = log

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

    def flush_until(self, deadline: float, lanes: Iterable[Lane]) -> bool:
        """Try until it succeeds or `time.monotonic()` reaches the deadline; try at least once."""
        while not self.flush(lanes):
            if time.monotonic() + RETRY_SECONDS > deadline:
                return False
            time.sleep(RETRY_SECONDS)
        return True
