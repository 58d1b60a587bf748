"""What a stream's event source is told of a batch: a response, or an error if it takes none."""

from typing import Any

from headrace.errors import BatchFailed, message_of, summary_of
from headrace.processing.outcomes import Outcomes
from headrace.record import Record
from headrace.sources import Source
from headrace.worker_host import WorkerHost

_MOST_SAID = 1_000  # characters of an error


def respond(source: Source, outcomes: Outcomes, host: WorkerHost) -> Any:
    """Return the response for a batch.

    Args:
        source: where its event came from.
        outcomes: of its records.
        host: of the worker, whose settings say whether the mapping takes partial responses.

    Raises:
        BatchFailed: Records are not done, and no response can say which.
    """
    if outcomes.failures and not outcomes.errors():
        _tell(host, outcomes)
    failed = f"{len(outcomes.failures)} of {len(outcomes.records)} records are not done, and"
    if outcomes.failures and source.redelivery == "whole":
        raise BatchFailed(
            f"{failed} {source.name} takes no partial response: all will be delivered again"
            f"{_first(outcomes)}"
        )
    if outcomes.failures and not host.settings.report_batch_item_failures:
        raise BatchFailed(
            f"{failed} HEADRACE_REPORT_BATCH_ITEM_FAILURES is not set: all will be delivered again"
            f"{_first(outcomes)}"
        )
    return source.respond(outcomes)


def _first(outcomes: Outcomes) -> str:
    """Return what went wrong first, as a destination of failed events is told nothing else."""
    for record, error in outcomes.errors() or _all(outcomes):
        return f"; first {record.id}: {summary_of(error)}"[:_MOST_SAID]
    return ""


def _tell(host: WorkerHost, outcomes: Outcomes) -> None:
    """Say why nothing of a batch is done, though nothing failed: it may be so each time."""
    if len(outcomes.failures) == len(outcomes.records):
        record, error = _all(outcomes)[0]
        host.log.warning(
            "no record of the batch is done",
            batch=len(outcomes.records),
            first=record.id,
            error=message_of(error),
            deadline_reserve_seconds=host.settings.deadline_reserve_seconds,
        )


def _all(outcomes: Outcomes) -> list[tuple[Record, Exception]]:
    return [(outcomes.records[index], error) for index, error in sorted(outcomes.failures.items())]
