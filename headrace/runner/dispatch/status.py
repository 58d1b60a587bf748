"""Where a partition stands, for whoever watches from outside."""

from headrace.runner.dispatch.partition import Partition
from headrace.runner.monitoring.stats import PartitionStatus


def status_of(partition: Partition) -> PartitionStatus:
    """Return where a partition stands."""
    groups = partition.groups
    batches = [(group.batch, group.in_flight_since) for group in groups if group.batch is not None]
    begun = [since for _, since in batches if since is not None]
    tries = [batch.tries for batch, _ in batches]
    tries += [known.tries for group in groups for known in group.histories.values()]
    return PartitionStatus(
        name=partition.name,
        buffered=partition.waiting,
        parked=sum(group.parked.count for group in groups),
        in_flight=sum(len(batch.records) for batch, since in batches if since is not None),
        in_flight_since=min(begun, default=None),
        committed=partition.committed_count,
        tries=max(tries, default=0),
    )
