"""Asynchronous invocation, as the settings say."""

from typing import Any

from headrace.runner.function.context import name_of
from headrace.runner.function.open import open_call
from headrace.runner.settings import MappingSettings
from headrace.runner.sqs.asynchronous.invoke import AsynchronousInvoker
from headrace.runner.sqs.check import MOST_RETRIES
from headrace.runner.sqs.settings import SqsSource
from headrace.sinks.open import open_if_set

_RETRY_SECONDS = 60


def open_asynchronous(
    handler: Any | None, source: SqsSource, settings: MappingSettings
) -> AsynchronousInvoker:
    """Return the way to the function. Its `close` is to be called.

    Args:
        handler: the function, if it is in this process.
        source: the queue, and the rules of its events.
        settings: of the mapping.

    Raises:
        SettingsError: there is no function, or a destination's URL is wrong.
        Exception: whatever kept the function from being set up.
    """
    function = settings.function or name_of(handler)
    arn = function if ":" in function else f"arn:aws:lambda:local:000000000000:function:{function}"
    return AsynchronousInvoker(
        open_call(handler, settings),
        arn,
        retries_of(settings),
        source.maximum_event_age_in_seconds,
        open_if_set(source.on_success_url),
        open_if_set(settings.on_failure_url),
    )


def retries_of(settings: MappingSettings) -> int:
    """Return how many attempts follow the first one."""
    retries = settings.maximum_retry_attempts
    return MOST_RETRIES if retries is None else retries


def delay(received: int) -> float:
    """Return how long an event waits that failed: a minute, then two, as on AWS."""
    return float(_RETRY_SECONDS * min(received, MOST_RETRIES))
