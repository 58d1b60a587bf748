"""A function in child processes: whatever it does, its timeout ends it."""

from collections.abc import Sequence
from typing import Any

from headrace.processing.outcomes import Outcomes
from headrace.record import Record, whole
from headrace.runner.function.child.pool import FunctionPool
from headrace.runner.function.child.wire import (
    CallWithEvent,
    JsonResponse,
    Response,
    RunRecords,
    Settled,
    restore,
)


class HostedWorker(FunctionPool):
    """Hands records over; their results stay with the worker, who has written them to its sink."""

    def __call__(self, records: Sequence[Record]) -> Outcomes:
        """Process a batch. Raises what made all of it fail, as `invoke` does."""
        answer = self.invoke(RunRecords([*map(whole, records)]))
        if not isinstance(answer, Settled):
            return Outcomes(records)
        failures = {index: restore(problem) for index, problem in answer.failures.items()}
        return Outcomes(records, failures, answer.rejected)


class HostedFunction(FunctionPool):
    """Hands an event over, and brings back the response."""

    def __call__(self, event: Any) -> Any:
        """Call the function. Raises as `invoke` does."""
        answer = self.invoke(CallWithEvent(event))
        return answer.value if isinstance(answer, Response | JsonResponse) else None
