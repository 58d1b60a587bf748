"""How long a record, or a batch, waits before it is tried again."""

from headrace.runner.backoff import Backoff

# While others of its group succeed, the record itself is at fault: it need not wait long for the
# end of its attempts.
_QUICK_SECONDS = 1.0


class RetryTimes:
    """Waits by what failed.

    Args:
        backoff: the waits in general.
        limited: whether the attempts of a record are limited.
    """

    def __init__(self, backoff: Backoff, *, limited: bool) -> None:
        quick = min(backoff.longest, max(_QUICK_SECONDS, backoff.first))
        self._backoff = backoff
        self._healthy = Backoff(backoff.first, quick, backoff.jitter) if limited else backoff

    def batch(self, tries: int) -> float:
        """Return the wait after so many attempts at a batch without progress, in seconds."""
        return self._backoff.delay(tries)

    def record(self, tries: int, *, healthy: bool) -> float:
        """Return the wait of a record that failed by itself so many times, in seconds.

        Args:
            tries: how often it failed.
            healthy: whether other records of its group got done since the last one failed.
        """
        return (self._healthy if healthy else self._backoff).delay(tries)
