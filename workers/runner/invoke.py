"""Invokers: how a batch reaches the function, and what came of it."""

import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from workers.outcome import Outcomes
from workers.record import Record
from workers.runner.response import read_response

# Takes a batch of one lane. Whatever it raises means that the whole batch failed.
Invoke = Callable[[Sequence[Record]], Outcomes]
BuildEvent = Callable[[Sequence[Record]], dict[str, Any]]
Function = Callable[[Any, Any], Any]


class RecordHandler(Protocol):
    """A handler that takes records as they are, such as `workers.handler.Handler`."""

    def run(self, records: list[Record], deadline: float = ...) -> Outcomes:
        """Process a batch. `deadline` is on the clock of `time.monotonic()`."""
        ...


class Context:
    """What a function asks its Lambda context for."""

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


def by_records(handler: RecordHandler, timeout: float | None) -> Invoke:
    """Hand the records over in process: no JSON, and every outcome is known."""

    def invoke(records: Sequence[Record]) -> Outcomes:
        deadline = float("inf") if timeout is None else time.monotonic() + timeout
        return handler.run(list(records), deadline)

    return invoke


def by_event(
    function: Function, build: BuildEvent, name: str, timeout: float | None, *, partial: bool
) -> Invoke:
    """Build the service's event, call the function as Lambda does, and read its response.

    Args:
        function: takes (event, context).
        build: makes the event of a batch.
        name: the function's name, for its context.
        timeout: seconds of one invocation; None gives the service's longest, 900.
        partial: whether the mapping reads partial responses; without, any response is success.
    """

    def invoke(records: Sequence[Record]) -> Outcomes:
        outcomes = Outcomes(records)
        context = Context(name, time.monotonic() + (timeout or 900))
        response = function(build(records), context)
        if partial:
            outcomes.failures = read_response(response, records)
        return outcomes

    return invoke
