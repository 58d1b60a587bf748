"""The committer: moves committed positions to what is done, and to nothing beyond."""

import time
from collections.abc import Callable, Iterable, Sequence

from headrace.log import Log
from headrace.record import Record
from headrace.runner.dispatch.dispatcher import Dispatcher
from headrace.runner.dispatch.partition import Lane
from headrace.runner.monitoring.stats import Stats

# Makes the positions of these records durable and waits for it; raises where it could not.
Commit = Callable[[Sequence[Record]], None]
# Takes, for each of these records, None (its position is durable) or what stood in the way.
Settle = Callable[[Sequence[Exception | None]], None]
# Begins to make them durable and returns at once; settles while the source is polled.
BeginCommit = Callable[[Sequence[Record], Settle], None]

_RETRY_SECONDS = 0.2
# Between two commits, unless a lane stands still, or soon would.
_PAUSE_SECONDS = 0.05


class Committer:
    """Commits all lanes that moved in one request; what moves meanwhile goes with the next.

    Belongs to whoever polls: sources allow one thread at a time.

    Attributes:
        begin: how to commit without waiting, from a poller whose source answers later. At most
            one such commit is out; without it, each commit is waited for.
    """

    def __init__(self, dispatcher: Dispatcher, commit: Commit, stats: Stats, log: Log) -> None:
        self.begin: BeginCommit | None = None
        self._dispatcher = dispatcher
        self._commit = commit
        self._stats = stats
        self._log = log
        self._out = False
        self._due = 0.0
        self._retry_at = 0.0

    @property
    def due(self) -> bool:
        """Whether none is out, and the last one is long enough ago, or a lane presses."""
        if self._out:
            return False
        now = time.monotonic()
        return now >= self._retry_at and (now >= self._due or self._dispatcher.pressing)

    def flush_if_needed(self) -> None:
        """Commit what is done, where it is due or a lane stands still until then."""
        now = time.monotonic()
        if not self.due and (self._out or now < self._retry_at or not self._dispatcher.gated()):
            return
        if self.begin is not None:
            self._flush_later(self.begin)
        elif not self.flush():
            self._retry_at = now + _RETRY_SECONDS
        self._due = now + _PAUSE_SECONDS

    def flush(self, lanes: Iterable[Lane] | None = None) -> bool:
        """Commit what is done in these lanes (None: in all) and wait for it. Returns success."""
        positions = self._dispatcher.uncommitted(lanes)
        if not positions:
            return True
        try:
            self._commit([record for record, _ in positions.values()])
        except Exception as error:  # noqa: BLE001 - the position stays, and is tried again
            self._log.warning("commit failed", lanes=len(positions), error=error)
            return False
        self._note(positions)
        return True

    def flush_until(self, deadline: float, lanes: Iterable[Lane]) -> None:
        """Try until it succeeds or `time.monotonic()` reaches the deadline; try at least once."""
        while not self.flush(lanes) and time.monotonic() + _RETRY_SECONDS <= deadline:
            time.sleep(_RETRY_SECONDS)

    def _flush_later(self, begin: BeginCommit) -> None:
        positions = self._dispatcher.uncommitted()
        if not positions:
            return

        def settle(errors: Sequence[Exception | None]) -> None:
            self._out = False
            acknowledged = zip(positions.items(), errors, strict=True)
            self._note({lane: place for (lane, place), error in acknowledged if error is None})
            failed = [error for error in errors if error is not None]
            if failed:
                self._retry_at = time.monotonic() + _RETRY_SECONDS
                self._log.warning("commit failed", lanes=len(failed), error=failed[0])

        self._out = True
        begin([record for record, _ in positions.values()], settle)

    def _note(self, positions: dict[Lane, tuple[Record, int]]) -> None:
        # A drain may have committed further while the answer was on its way.
        news = {lane: at for lane, at in positions.items() if at[1] > lane.committed_count}
        if news:
            self._stats.add(committed=self._dispatcher.committed(news))
