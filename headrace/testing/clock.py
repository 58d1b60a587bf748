"""A clock that a test sets: an hour of retries passes in no time, and each time alike."""

# When the clock starts, in seconds since the epoch: where the kit's records are written, too.
STARTED_AT = 1_700_000_000.0


class VirtualClock:
    """Stands still until it is set.

    Attributes:
        now: seconds since the start.
    """

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Return the time as `time.monotonic` does, in seconds."""
        return self.now

    def since_epoch(self) -> float:
        """Return the time as `time.time` does, in seconds since the epoch."""
        return STARTED_AT + self.now
