"""What AWS Lambda says of an invocation."""

import time
from typing import Any

import msgspec

from headrace.record import Record, RequestPosition


def deadline_of(context: Any) -> float:
    """Return when an invocation's time is over, on the clock of `time.monotonic()`.

    Args:
        context: of the invocation. One that tells no time, as a test's own, sets no end.
    """
    left = getattr(context, "get_remaining_time_in_millis", None)
    return float("inf") if left is None else time.monotonic() + float(left()) / 1000


def named(record: Record, context: Any) -> Record:
    """Give a record that came without a name that of its invocation, whose retries share it."""
    name = getattr(context, "aws_request_id", None)
    if record.id or not isinstance(name, str):
        return record
    return msgspec.structs.replace(record, position=RequestPosition(name))
