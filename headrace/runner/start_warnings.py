"""What a user should know at the start: what the settings do not promise."""

from typing import Any

from headrace.handler import Handler
from headrace.log import Log
from headrace.runner.retry_notices import what_ends
from headrace.runner.settings import MappingSettings, SourceKind


def warn(
    settings: MappingSettings, source: SourceKind, handler: Any, log: Log, *, isolates: bool
) -> None:
    """Say what stops a partition, and what becomes of rejected records and of results.

    Args:
        settings: of the mapping.
        source: what is read.
        handler: the function, if it is in this process.
        log: takes the lines.
        isolates: whether a record that fails holds back its own key alone.
    """
    ends = what_ends(settings, source)
    if not isolates:
        log.warning(
            "the function answers for whole batches: a record that fails holds back its partition",
            ends=ends,
        )
    if not settings.gives_up(source):
        far = f"{settings.records_ahead} records ahead of it (HEADRACE_RECORDS_AHEAD)"
        log.warning(
            "a record that always fails is tried again without end, and stops its partition",
            where=far if isolates else "at that record",
            ends=ends,
        )
    if isinstance(handler, Handler):
        warn_of_worker(handler, log, gives_up=settings.destination_url is not None)


def warn_of_worker(handler: Handler, log: Log, *, gives_up: bool) -> None:
    """Say what becomes of rejected records and of results.

    Args:
        handler: of a worker.
        log: takes the lines.
        gives_up: whether a record that always fails is given up at last.
    """
    if handler.settings.dead_letter_url is None:
        goes_on = "tried again, then given up" if gives_up else "tried without end"
        log.warning(
            f"there is no place for dead letters: a record that is rejected is {goes_on}",
            setting="HEADRACE_DEAD_LETTER_URL",
        )
    if handler.settings.sink_url is None:
        log.warning(
            "there is no sink: what the worker returns is dropped", setting="HEADRACE_SINK_URL"
        )
