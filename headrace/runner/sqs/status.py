"""Where a queue stands, for whoever watches from outside."""

from collections.abc import Iterable, Sequence

from headrace.runner.monitoring.stats import PartitionStatus
from headrace.runner.sqs.lease import Lease
from headrace.runner.sqs.message import receive_count


def status_of(
    name: str, leases: Iterable[Lease], begun: Sequence[float], waiting: int, deleted: int
) -> PartitionStatus:
    """Return where a queue stands, as one partition.

    Args:
        name: the queue's.
        leases: all that are held.
        begun: when those in work were taken to the function.
        waiting: how many wait.
        deleted: how many were deleted.
    """
    return PartitionStatus(
        name=name,
        buffered=waiting,
        in_flight=len(begun),
        in_flight_since=min(begun, default=None),
        committed=deleted,
        tries=max((receive_count(lease.message) - 1 for lease in leases), default=0),
    )
