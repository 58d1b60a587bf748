"""Invokers: how a batch reaches the function, and what came of it.

The function is in this process, in child processes that can be ended (if it has a timeout),
behind the Lambda runtime interface over HTTP, or in AWS Lambda itself. A worker takes records as
they are; any other function takes the service's event and gives its response.
"""

import time
from collections.abc import Sequence
from typing import Any

from headrace.errors import SettingsError
from headrace.handler import Handler
from headrace.processing.outcomes import Outcomes
from headrace.record import Record
from headrace.runner.function.child.invoke import HostedFunction, HostedWorker
from headrace.runner.function.context import LONGEST_SECONDS, Context, close, name_of, set_up
from headrace.runner.function.types import BuildEvent, Call, Function, Invoke, RecordHandler
from headrace.runner.protocol.failures import Failures
from headrace.runner.settings import MappingSettings
from headrace.sinks.url import shown
from headrace.window_handler import WindowHandler


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
        self._failures = Failures(partial=partial)

    def __call__(self, records: Sequence[Record]) -> Outcomes:
        """Invoke once. Raises what made the whole batch fail."""
        response = self._call(self._build(records))
        return Outcomes(records, self._failures.of(response, records))

    def close(self) -> None:
        """Let go of the function, if it is not in this process."""
        close(self._call)


def record_handler(handler: Any | None, settings: MappingSettings) -> RecordHandler | None:
    """Return the handler if it is given records as they are; None if it is given events."""
    by_records = settings.invoke == "records" and not settings.function
    return handler if by_records and isinstance(handler, RecordHandler) else None


def open_invoker(handler: Any | None, build: BuildEvent, settings: MappingSettings) -> Invoke:
    """Choose the way that the settings name. If the invoker has a `close`, it is to be called.

    Args:
        handler: a handler of ours, if the function is not elsewhere.
        build: makes the event of a batch.
        settings: of the mapping.

    Raises:
        SettingsError: There is no function, its address is wrong, or the worker needs windows.
        Exception: Whatever kept the worker from being set up.
    """
    if isinstance(handler, WindowHandler):
        name = handler.worker_class.__name__
        raise SettingsError(f"HEADRACE_TUMBLING_WINDOW_IN_SECONDS is to be set: {name} needs it")
    takes_records = record_handler(handler, settings)
    if takes_records is not None:
        return _open_worker(takes_records, settings.function_timeout_seconds)
    call = open_call(handler, settings)
    return EventInvoker(call, build, partial=settings.report_batch_item_failures)


def open_call(handler: Any | None, settings: MappingSettings) -> Call:
    """Choose the way for events. As `open_invoker`."""
    if settings.function:
        return _elsewhere(settings.function, settings)
    if handler is None:
        raise SettingsError("there is no function: name a worker, or set HEADRACE_FUNCTION")
    _check_reserve(handler, settings.function_timeout_seconds)
    return open_function(handler, settings.function_timeout_seconds)


def open_function(function: Function, timeout: float | None) -> Call:
    """Set a function up in this process, or in child processes if it has a timeout (seconds).

    If the result has a `close`, it is to be called.

    Raises:
        Exception: Whatever kept the function from being set up.
    """
    if timeout is not None:
        return HostedFunction(function, timeout)
    set_up(function)
    name = name_of(function)

    def call(event: dict[str, Any]) -> Any:
        return function(event, Context(name, time.monotonic() + LONGEST_SECONDS))

    return call


def _open_worker(handler: RecordHandler, timeout: float | None) -> Invoke:
    _check_reserve(handler, timeout)
    if timeout is not None:
        return HostedWorker(handler, timeout)
    set_up(handler)

    def invoke(records: Sequence[Record]) -> Outcomes:
        return handler.run(list(records), float("inf"))

    return invoke


def _check_reserve(handler: Any, timeout: float | None) -> None:
    """Refuse a timeout that a worker takes for over as soon as a batch begins."""
    if timeout is None or not isinstance(handler, Handler):
        return
    reserve = handler.settings.deadline_reserve_seconds
    if timeout <= reserve:
        raise SettingsError(
            f"HEADRACE_FUNCTION_TIMEOUT_SECONDS={timeout:g} leaves no time: a worker begins no"
            f" record in the last HEADRACE_DEADLINE_RESERVE_SECONDS={reserve:g}"
        )


def _elsewhere(address: str, settings: MappingSettings) -> Call:
    # Imported here: one who needs neither need not wait for a client of either.
    timeout = settings.function_timeout_seconds or LONGEST_SECONDS
    at_once = max(settings.function_concurrency, settings.parallelization_factor)
    if address.startswith(("http://", "https://")):
        from headrace.runner.function.http import HttpFunction  # noqa: PLC0415

        return HttpFunction(address, timeout, at_once)
    if "://" in address:
        raise SettingsError(
            f"HEADRACE_FUNCTION={shown(address)}: a function is an http:// or https:// address,"
            " or the name or ARN of one of AWS Lambda"
        )
    from headrace.runner.function.aws_lambda import LambdaFunction  # noqa: PLC0415

    return LambdaFunction(address, timeout, at_once)
