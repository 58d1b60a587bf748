"""What can be invoked, and the names for it."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol, runtime_checkable

from headrace.processing.outcomes import Outcomes
from headrace.record import Record

# Takes a batch of one partition. Whatever it raises means that the whole batch failed.
Invoke = Callable[[Sequence[Record]], Outcomes]
# Makes the service's event of a batch.
BuildEvent = Callable[[Sequence[Record]], dict[str, Any]]
# Takes (event, context), as AWS Lambda calls it.
Function = Callable[[Any, Any], Any]
# Takes an event to the function, wherever that is, and brings back its response.
Call = Callable[[dict[str, Any]], Any]


@runtime_checkable
class RecordHandler(Protocol):
    """A handler that takes records as they are, such as `headrace.handler.Handler`."""

    def worker(self) -> Any:
        """Set the worker up, if that was not done yet, and return it."""
        ...

    def run(self, records: list[Record], deadline: float = ...) -> Outcomes:
        """Process a batch. `deadline` is on the clock of `time.monotonic()`."""
        ...
