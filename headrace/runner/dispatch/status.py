"""Where a partition stands, for its poller and for whoever watches from outside."""

from headrace.runner.demand import ChannelState
from headrace.runner.dispatch.partition import Partition
from headrace.runner.monitoring.stats import PartitionStatus


def state_of(partition: Partition) -> ChannelState:
    """Return where a partition stands, for its poller."""
    first = partition.prefix.first_open
    return ChannelState(
        idle=partition.idle,
        read=first is None,
        waiting=partition.waiting,
        outstanding=partition.outstanding,
        oldest=None if first is None else first.timestamp,
        parking=partition.is_parking,
    )


def status_of(partition: Partition) -> PartitionStatus:
    """Return where a partition stands."""
    groups = partition.groups
    begun = [group.in_flight_since for group in groups if group.in_flight_since is not None]
    tries = [group.batch.tries for group in groups if group.batch is not None]
    tries += [known.tries for group in groups for known in group.histories.values()]
    return PartitionStatus(
        name=partition.name,
        buffered=partition.waiting,
        parked=sum(group.parked.count for group in groups),
        in_flight=sum(group.in_flight for group in groups),
        in_flight_since=min(begun, default=None),
        committed=partition.committed_count,
        tries=max(tries, default=0),
    )
