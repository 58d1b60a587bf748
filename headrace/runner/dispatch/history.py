"""What became of a record so far that was not done at its first delivery."""

import msgspec

from headrace.runner.protocol.response import ReportedFailure


class History(msgspec.Struct):
    """Attempts at one record.

    Attributes:
        failures: attempts that failed and count: towards the limit on retries.
        invocations: how often the function was invoked with it, since these counts began.
        tries: how often it failed, whether that counts or not.
        error: what it failed with last; None if it never failed, but was merely not done.
        given_up: why it goes to the failure destination; it stays until that has acknowledged it.
    """

    failures: int = 0
    invocations: int = 0
    tries: int = 0
    error: Exception | None = None
    given_up: Exception | None = None

    def count(self, error: Exception, *, made_progress: bool) -> None:
        """Count a failure.

        Where a partial response sets a record apart from others that are done, its attempts count
        anew, as at AWS: this one is none of them.
        """
        if self.error is None and made_progress and isinstance(error, ReportedFailure):
            self.invocations = 0
        else:
            self.failures += 1
        self.tries += 1
        self.error = error
