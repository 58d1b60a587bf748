"""What AWS Lambda says of an invocation."""

import time
from typing import Any


def deadline_of(context: Any) -> float:
    """Return when an invocation's time is over, on the clock of `time.monotonic()`."""
    if context is None:
        return float("inf")
    return time.monotonic() + float(context.get_remaining_time_in_millis()) / 1000
