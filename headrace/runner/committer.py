"""The committer: moves committed positions to what is done, and to nothing beyond."""

import time
from collections.abc import Callable, Collection, Sequence

from headrace.errors import HeadraceError
from headrace.log import Log
from headrace.record import Position
from headrace.runner.dispatch.commit_ledger import CommitLedger, Commits
from headrace.runner.dispatch.partition import Partition
from headrace.runner.monitoring.stats import Counts, Stats
from headrace.runner.poller import CommitsLater, Poller, Settle

_RETRY_SECONDS = 0.2
# Between two commits, unless a partition stands still, or soon would.
_PAUSE_SECONDS = 0.05


class NotCommitted(HeadraceError):
    """The run has ended with records that are done and not committed: they will come again."""


class Committer:
    """Commits all partitions that moved in one request; what moves meanwhile goes with the next.

    Belongs to whoever polls: sources allow one thread at a time. At most one commit is out if the
    poller answers later (`CommitsLater`); any other poller's commits are waited for.
    """

    def __init__(
        self,
        ledger: CommitLedger,
        poller: Poller,
        stats: Stats,
        log: Log,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._ledger = ledger
        self._commit: Callable[[Sequence[Position]], None] = poller.commit
        self._begin = poller.begin_commit if isinstance(poller, CommitsLater) else None
        self._stats = stats
        self._log = log
        self._out = False
        self._due = 0.0
        self._retry_at = 0.0

    @property
    def due(self) -> bool:
        """Return whether to send a commit now.

        None is in flight, and either 50 ms have passed since the last one or some partition is
        about to block on it.
        """
        if self._out:
            return False
        now = self._clock()
        return now >= self._retry_at and (now >= self._due or self._ledger.is_urgent)

    def flush_if_needed(self) -> None:
        """Commit what is done, if that is due or a partition stands still until then."""
        now = self._clock()
        if not self.due and (self._out or now < self._retry_at or not self._ledger.is_blocking()):
            return
        if self._begin is not None:
            self._flush_later(self._begin)
        elif not self.flush():
            self._retry_at = now + _RETRY_SECONDS
        self._due = now + _PAUSE_SECONDS

    def flush(self, partitions: Collection[Partition] | None = None) -> bool:
        """Commit what is done in these partitions (None: in all) and wait. Returns success."""
        commits = self._ledger.commits(partitions)
        if not commits:
            return True
        try:
            self._commit([commit.position for commit in commits.values()])
        except Exception as error:  # noqa: BLE001 - the position stays, and is tried again
            self._log.warning("commit failed", partitions=len(commits), error=error)
            return False
        self._note(commits)
        return True

    def flush_until(self, deadline: float, partitions: Collection[Partition]) -> bool:
        """Try until it succeeds or the clock reaches the deadline; try at least once.

        Returns:
            Whether it succeeded.
        """
        while not self.flush(partitions):
            if self._clock() + _RETRY_SECONDS > deadline:
                return False
            time.sleep(_RETRY_SECONDS)
        return True

    def _flush_later(self, begin: Callable[[Sequence[Position], Settle], None]) -> None:
        commits = self._ledger.commits()
        if not commits:
            return

        def settle(errors: Sequence[Exception | None]) -> None:
            self._out = False
            answers = zip(commits.items(), errors, strict=True)
            self._note({partition: commit for (partition, commit), error in answers if not error})
            failed = [error for error in errors if error is not None]
            if failed:
                self._retry_at = self._clock() + _RETRY_SECONDS
                self._log.warning("commit failed", partitions=len(failed), error=failed[0])

        self._out = True
        begin([commit.position for commit in commits.values()], settle)

    def _note(self, commits: Commits) -> None:
        # A drain may have committed further while the answer was on its way.
        news = {p: commit for p, commit in commits.items() if commit.count > p.committed_count}
        if news:
            self._stats.add(Counts(committed=self._ledger.acknowledge(news)))
