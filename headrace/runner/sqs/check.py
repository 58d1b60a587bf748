"""Settings of a mapping that a queue has not, or has in other ranges."""

from headrace.errors import SettingsError
from headrace.runner.settings import MappingSettings
from headrace.runner.sqs.settings import SqsSource
from headrace.settings import variable

MOST_RETRIES = 2
"""How many attempts of an asynchronous invocation follow the first one, at most."""

_MOST_WITHOUT_WINDOW = 10
_OF_ASYNCHRONOUS = {"maximum_retry_attempts", "on_failure_url"}
_OF_STREAMS = {
    "starting_position": "a queue has no positions",
    "starting_position_timestamp": "a queue has no positions",
    "parallelization_factor": "HEADRACE_FUNCTION_CONCURRENCY says how many batches are in work",
    "maximum_retry_attempts": "the queue's redrive policy says how often a message comes again",
    "maximum_record_age_in_seconds": "the queue says how long it keeps a message",
    "on_failure_url": "the queue's redrive policy says where a message goes that always fails",
    "uncommitted_batches": "a queue has no positions",
    "order": "a message that fails goes back to the queue",
    "records_ahead": "a message that fails goes back to the queue",
    "bisect_batch_on_function_error": "a message that failed comes again in another batch",
    "tumbling_window_in_seconds": "windows are for Kinesis and DynamoDB",
}


def check_for_queue(source: SqsSource, settings: MappingSettings) -> None:
    """Refuse settings that AWS would refuse for a queue, and those that have no effect on one.

    Args:
        source: the queue.
        settings: of the mapping.

    Raises:
        SettingsError: one is wrong.
    """
    defaults = MappingSettings()
    for name, why in _OF_STREAMS.items():
        if source.asynchronous and name in _OF_ASYNCHRONOUS:
            continue
        if getattr(settings, name) != getattr(defaults, name):
            raise SettingsError(f"{variable(name)} is for streams: {why}")
    wrong = wrong_for_queue(settings, fifo=source.is_fifo)
    if wrong is not None:
        raise SettingsError(f"{variable(wrong[0])}: {wrong[1]}")
    if source.asynchronous:
        _check_asynchronous(source, settings)
    elif source.on_success_url is not None:
        raise SettingsError("HEADRACE_ON_SUCCESS_URL goes with HEADRACE_ASYNCHRONOUS")


def _check_asynchronous(source: SqsSource, settings: MappingSettings) -> None:
    retries = settings.maximum_retry_attempts
    if retries is not None and not 0 <= retries <= MOST_RETRIES:
        raise SettingsError(
            f"HEADRACE_MAXIMUM_RETRY_ATTEMPTS={retries}: an asynchronous invocation has 0 to 2"
        )
    if source.is_fifo:
        raise SettingsError("HEADRACE_ASYNCHRONOUS is for standard queues")
    if (settings.batch_size or 1) > 1 or settings.maximum_batching_window_in_seconds:
        raise SettingsError(
            "HEADRACE_BATCH_SIZE: an asynchronous invocation takes the event of one message"
        )


def wrong_for_queue(settings: MappingSettings, *, fifo: bool) -> tuple[str, str] | None:
    """Return a setting that is out of the ranges of a queue, and why; None if none is."""
    size, window = settings.batch_size or 0, settings.maximum_batching_window_in_seconds or 0
    if fifo and window:
        return (
            "maximum_batching_window_in_seconds",
            "a FIFO queue has none, as on AWS",
        )
    if fifo and size > _MOST_WITHOUT_WINDOW:
        return "batch_size", f"{size} is too many: of a FIFO queue, 10 are the most"
    if size > _MOST_WITHOUT_WINDOW and window < 1:
        return "batch_size", f"{size} is over 10, which needs a batching window of a second or more"
    return None
