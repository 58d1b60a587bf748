"""A function in a process of ours: how it is set up, its name, the context of a call."""

import time
import uuid
from typing import Any

from headrace.runner.function.types import RecordHandler

LONGEST_SECONDS = 900.0
"""How long an invocation of AWS Lambda may take at most."""


class Context:
    """What a function asks its Lambda context for.

    Args:
        name: the function's name.
        deadline: when the invocation must be over, on the clock of `time.monotonic()`.
    """

    def __init__(self, name: str, deadline: float) -> None:
        self.function_name = name
        self.function_version = "$LATEST"
        self.invoked_function_arn = f"arn:aws:lambda:local:000000000000:function:{name}"
        self.memory_limit_in_mb = 0
        self.aws_request_id = str(uuid.uuid4())
        self._deadline = deadline

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the invocation's deadline."""
        return max(0, int((self._deadline - time.monotonic()) * 1000))


def name_of(function: Any) -> str:
    """Return the function's name, that of its worker, or that of its class."""
    named = getattr(function, "worker_class", function)
    return str(getattr(named, "__name__", type(function).__name__))


def set_up(function: Any) -> None:
    """Set a worker up now, rather than with its first batch. Other functions are ready as is."""
    if isinstance(function, RecordHandler):
        function.worker()


def close(function: Any) -> None:
    """Let a worker, or whatever else can be closed, let go of what it holds."""
    closing = getattr(function, "close", None)
    if closing is not None:
        closing()
