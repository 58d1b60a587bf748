"""What an invocation did, in the figures of the run."""

from headrace.processing.outcomes import Outcomes
from headrace.runner.monitoring.stats import Counts, Stats


def count(stats: Stats, outcomes: Outcomes, retried: int, seconds: float) -> None:
    """Add what became of the records of an invocation, and why some are dead letters.

    Args:
        stats: of the run.
        outcomes: of all records that were handed over.
        retried: how many of them the function had before.
        seconds: how long it took.
    """
    invoked, failed = len(outcomes.records), len(outcomes.failures)
    rejected = len(outcomes.rejected)
    if rejected:
        records, reasons = outcomes.records, outcomes.rejected.items()
        stats.dead_letters.add((records[index].id, why) for index, why in reasons)
    counts = Counts(
        invoked=invoked,
        failed=failed,
        done=invoked - failed - rejected,
        dead_lettered=rejected,
        retried=retried,
    )
    stats.add(counts, seconds)
