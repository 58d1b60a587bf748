"""What a stream's event source is told of a batch: a response, or an error if it takes none."""

from typing import Any

from headrace.errors import BatchFailed, summary_of
from headrace.processing.outcomes import Outcomes
from headrace.sources import Source
from headrace.worker import WorkerSettings

_MOST_SAID = 1_000  # characters of an error


def respond(source: Source, outcomes: Outcomes, settings: WorkerSettings) -> Any:
    """Return the response for a batch.

    Args:
        source: where its event came from.
        outcomes: of its records.
        settings: of the worker; they say whether the mapping takes partial responses.

    Raises:
        BatchFailed: Records are not done, and no response can say which.
    """
    failed = f"{len(outcomes.failures)} of {len(outcomes.records)} records are not done, and"
    if outcomes.failures and source.redelivery == "whole":
        raise BatchFailed(
            f"{failed} {source.name} takes no partial response: all will be delivered again"
            f"{_first(outcomes)}"
        )
    if outcomes.failures and not settings.report_batch_item_failures:
        raise BatchFailed(
            f"{failed} HEADRACE_REPORT_BATCH_ITEM_FAILURES is not set: all will be delivered again"
            f"{_first(outcomes)}"
        )
    return source.respond(outcomes)


def _first(outcomes: Outcomes) -> str:
    """Return what went wrong first, as a destination of failed events is told nothing else."""
    for record, error in outcomes.errors():
        return f"; first {record.id}: {summary_of(error)}"[:_MOST_SAID]
    return ""
