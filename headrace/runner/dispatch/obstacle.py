"""The record that keeps a partition's committed position from moving, if one is retried."""

import math

import msgspec

from headrace.runner.dispatch.history import History
from headrace.runner.dispatch.key_group import KeyGroup
from headrace.runner.dispatch.partition import Partition


class Obstacle(msgspec.Struct, frozen=True):
    """A record that failed and is tried again.

    Attributes:
        record: its id.
        tries: how often it failed, or the batch that it belongs to.
        error: what it failed with last; a NotDone if it was not attempted.
        waiting: how many records of the partition wait.
        stands_still: the partition has run ahead of this record as far as it may.
    """

    record: str
    tries: int
    error: Exception | None
    waiting: int
    stands_still: bool


def find_obstacle(partition: Partition, group: KeyGroup) -> Obstacle | None:
    """Return the record that holds a partition up, after an attempt of one of its groups."""
    slot = min((parking.parked.first() for parking in partition.parking), default=math.inf)
    tries, batch, not_done = 0, group.batch, None
    if batch is not None and batch.tries:
        first, tries = batch.slots[batch.open[0]], batch.tries
        if first < slot:
            slot, not_done = first, batch.not_done
    if slot == math.inf:
        return None
    histories = (other.histories.get(int(slot)) for other in partition.groups)
    known = next(filter(None, histories), History())
    return Obstacle(
        record=partition.prefix.at([int(slot)])[0].id,
        tries=known.tries or tries,
        error=not_done or known.error or known.given_up,
        waiting=partition.waiting,
        stands_still=partition.at_limit or (tries > 0 and len(partition.groups) == 1),
    )
