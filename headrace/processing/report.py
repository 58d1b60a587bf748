"""What a log and CloudWatch hear of a batch."""

import sys

from headrace.errors import summary_of
from headrace.log import Log
from headrace.processing.outcomes import Outcomes
from headrace.record import Record

NAMESPACE = "Headrace"

# One message must not become ten thousand tracebacks: the first few tell the story.
_ERRORS_SHOWN = 3


def log_failures(log: Log, outcomes: Outcomes) -> None:
    """Write one line for all failures of a batch: how many, and the first few in words."""
    errors = outcomes.errors()
    if not errors:
        return
    log.error(
        "records failed",
        failed=len(errors),
        not_done=len(outcomes.failures),
        batch=len(outcomes.records),
        first=[_describe(record, error) for record, error in errors[:_ERRORS_SHOWN]],
        exc_info=errors[0][1],
    )


def emit_batch(service: str, outcomes: Outcomes, seconds: float) -> None:
    """Count what became of a batch, in CloudWatch's embedded metric format.

    It is a line of the log: CloudWatch makes metrics of it without a call from here.
    """
    from aws_lambda_powertools.metrics import (  # noqa: PLC0415 - slow, and for Lambda alone
        EphemeralMetrics,
        MetricUnit,
    )

    records = outcomes.records
    metrics = EphemeralMetrics(namespace=NAMESPACE, service=service)
    metrics.add_dimension("source", records[0].source)
    counts = {
        "RecordsReceived": len(records),
        "RecordsDone": len(records) - len(outcomes.failures),
        "RecordsRejected": len(outcomes.rejected),
        "RecordsFailed": len(outcomes.errors()),
        "RecordsNotDone": len(outcomes.failures),
    }
    for name, count in counts.items():
        metrics.add_metric(name, MetricUnit.Count, count)
    metrics.add_metric("BatchDuration", MetricUnit.Milliseconds, seconds * 1000)
    lags = [lag for lag in map(Record.lag, records) if lag is not None]
    if lags:
        metrics.add_metric("MaxLag", MetricUnit.Milliseconds, max(lags))
    metrics.flush_metrics()
    sys.stdout.flush()


def _describe(record: Record, error: Exception) -> dict[str, str]:
    return {"record": record.id, "error": summary_of(error)[:500]}
