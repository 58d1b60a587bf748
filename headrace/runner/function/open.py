"""Invokers: how a batch reaches the function, and what came of it.

The function is in this process, in child processes that can be ended (where it has a timeout),
behind the Lambda runtime interface over HTTP, or in AWS Lambda itself. A worker takes records as
they are; any other function takes the service's event and gives its response.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from headrace.errors import SettingsError
from headrace.handler import Handler
from headrace.processing.outcomes import Outcomes
from headrace.record import Record
from headrace.runner.function.child.invoke import HostedFunction, HostedWorker
from headrace.runner.function.context import Context, close, name_of, set_up
from headrace.runner.protocol.response import read_response
from headrace.runner.settings import MappingSettings
from headrace.runner.windows.windows import Windows

# Takes a batch of one lane. Whatever it raises means that the whole batch failed.
Invoke = Callable[[Sequence[Record]], Outcomes]
BuildEvent = Callable[[Sequence[Record]], dict[str, Any]]
Function = Callable[[Any, Any], Any]
# Takes an event to the function, wherever that is, and brings back its response.
Call = Callable[[dict[str, Any]], Any]

LONGEST_SECONDS = 900.0
"""How long an invocation of AWS Lambda may take at most."""


class RecordHandler(Protocol):
    """A handler that takes records as they are, such as `headrace.handler.Handler`."""

    def run(self, records: list[Record], deadline: float = ...) -> Outcomes:
        """Process a batch. `deadline` is on the clock of `time.monotonic()`."""
        ...


class EventInvoker:
    """Builds the service's event, has the function called, and reads its response.

    Args:
        call: takes the event to the function.
        build: makes the event of a batch.
        partial: whether the mapping reads partial responses; without, any response is success.
    """

    def __init__(self, call: Call, build: BuildEvent, *, partial: bool) -> None:
        self._call = call
        self._build = build
        self._partial = partial

    def __call__(self, records: Sequence[Record]) -> Outcomes:
        """Invoke once. Raises what made the whole batch fail."""
        response = self._call(self._build(records))
        return Outcomes(records, read_response(response, records) if self._partial else None)

    def close(self) -> None:
        """Let go of the function, if it is not in this process."""
        close(self._call)


def open_invoker(handler: Any | None, build: BuildEvent, settings: MappingSettings) -> Invoke:
    """Choose the way that the settings say. Where the invoker has a `close`, it is to be called.

    Args:
        handler: the function, where it is not elsewhere.
        build: makes the event of a batch.
        settings: of the mapping.

    Raises:
        SettingsError: there is no function, or its address is wrong.
        Exception: whatever kept the worker from being set up.
    """
    windows = settings.tumbling_window_in_seconds
    if settings.function:
        call = _elsewhere(settings.function, settings)
    elif handler is None:
        raise SettingsError("there is no function: name a worker, or set HEADRACE_FUNCTION")
    else:
        timeout = settings.function_timeout_seconds
        _check_reserve(handler, timeout)
        if settings.invoke == "records" and hasattr(handler, "run"):
            if windows:
                raise SettingsError(
                    "HEADRACE_TUMBLING_WINDOW_IN_SECONDS needs a function of events"
                    " (HEADRACE_INVOKE=event) that"
                    " returns the state of its window"
                )
            return _open_worker(handler, timeout)
        call = open_function(handler, timeout)
    partial = settings.report_batch_item_failures
    if windows:
        return Windows(windows, call, build, partial=partial)
    return EventInvoker(call, build, partial=partial)


def open_function(function: Function, timeout: float | None) -> Call:
    """Set a function up in this process, or in child processes where it has a timeout (seconds).

    Where the result has a `close`, it is to be called.

    Raises:
        Exception: whatever kept the function from being set up.
    """
    if timeout is not None:
        return HostedFunction(function, timeout)
    set_up(function)
    return _here(function, name_of(function), None)


def by_records(handler: RecordHandler, timeout: float | None) -> Invoke:
    """Hand the records over in this process: no JSON, and every outcome is known."""

    def invoke(records: Sequence[Record]) -> Outcomes:
        deadline = float("inf") if timeout is None else time.monotonic() + timeout
        return handler.run(list(records), deadline)

    return invoke


def by_event(
    function: Function, build: BuildEvent, name: str, timeout: float | None, *, partial: bool
) -> Invoke:
    """Call a function in this process with the service's event, as Lambda does.

    Args:
        function: takes (event, context).
        build: makes the event of a batch.
        name: the function's name, for its context.
        timeout: seconds of one invocation; None gives the service's longest.
        partial: whether the mapping reads partial responses; without, any response is success.
    """
    return EventInvoker(_here(function, name, timeout), build, partial=partial)


def _check_reserve(handler: Any, timeout: float | None) -> None:
    """Refuse a timeout that a worker takes for over as soon as a batch begins."""
    if timeout is None or not isinstance(handler, Handler):
        return
    reserve = handler.settings.deadline_reserve_seconds
    if timeout <= reserve:
        raise SettingsError(
            f"HEADRACE_FUNCTION_TIMEOUT_SECONDS={timeout:g} leaves no time: a worker begins no"
            " record in the"
            f" last HEADRACE_DEADLINE_RESERVE_SECONDS={reserve:g}"
        )


def _open_worker(handler: RecordHandler, timeout: float | None) -> Invoke:
    if timeout is not None:
        return HostedWorker(handler, timeout)
    set_up(handler)
    return by_records(handler, None)


def _here(function: Function, name: str, timeout: float | None) -> Call:
    def call(event: dict[str, Any]) -> Any:
        return function(event, Context(name, time.monotonic() + (timeout or LONGEST_SECONDS)))

    return call


def _elsewhere(address: str, settings: MappingSettings) -> Call:
    # Imported here: one who needs neither need not wait for a client of either.
    timeout = settings.function_timeout_seconds or LONGEST_SECONDS
    if address.startswith(("http://", "https://")):
        from headrace.runner.function.http import HttpFunction  # noqa: PLC0415

        return HttpFunction(address, timeout, settings.function_concurrency)
    from headrace.runner.function.aws_lambda import LambdaFunction  # noqa: PLC0415

    return LambdaFunction(address, timeout, settings.function_concurrency)
