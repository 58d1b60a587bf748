"""What the consumer has fetched goes to the channels of the mapping."""

from collections.abc import Iterable

from headrace.record import KafkaPosition, Record
from headrace.runner.kafka.assignment import Assignment
from headrace.runner.kafka.bytes_ahead import BytesAhead
from headrace.runner.kafka.consumer import Fetched, GoBack, LogEnd, NoPosition, Records, Unreadable
from headrace.runner.kafka.log_ends import LogEnds
from headrace.runner.kafka.position_resets import PositionResets
from headrace.runner.poller import Intake


class Feed:
    """Feeds the channels, and tells of what is not a record.

    Args:
        assignment: the partitions, with their channels.
        intake: of the mapping.
        ahead: counts the bytes.
        log_ends: is told of ends of partitions.
        resets: is told of partitions that have no position.
    """

    def __init__(
        self,
        assignment: Assignment,
        intake: Intake,
        ahead: BytesAhead,
        log_ends: LogEnds,
        resets: PositionResets,
    ) -> None:
        self._assignment = assignment
        self._intake = intake
        self._ahead = ahead
        self._log_ends = log_ends
        self._resets = resets

    def take(self, fetched: Iterable[Fetched]) -> bool:
        """Feed what was fetched. Returns whether records came."""
        came = False
        for item in fetched:
            if isinstance(item, Records):
                came = True
                self._records(item)
            elif isinstance(item, LogEnd):
                self._log_ends.note(item.partition, item.offset)
            elif isinstance(item, NoPosition):
                self._resets.add(item.partition)
            elif isinstance(item, GoBack):
                self._resets.go_back(item.partition, item.offset)
            else:
                came = True
                self._unreadable(item)
        return came

    def _records(self, item: Records) -> None:
        partition, records = self._assignment.partitions.get(item.partition), item.records
        if partition is None:
            return  # revoked inside the call that returned these
        self._ahead.note(partition, len(records), item.size)
        # An assignment that came back inside one call may repeat what the call also returned.
        first = partition.next or 0
        if _offset(records[0]) < first:
            records = [record for record in records if _offset(record) >= first]
        if records:
            partition.next, partition.end = _offset(records[-1]) + 1, None
            partition.whole &= self._intake.feed(partition.channel, records, item.largest)

    def _unreadable(self, item: Unreadable) -> None:
        partition = self._assignment.partitions.get(item.partition)
        offset = _offset(item.record)
        if partition is not None and offset >= (partition.next or 0):
            self._intake.log.error("unreadable record", record=item.record.id, error=item.why)
            partition.next, partition.end = offset + 1, None
            partition.whole &= self._intake.feed_unreadable(
                partition.channel, item.record, item.why
            )


def _offset(record: Record) -> int:
    position = record.position
    return position.offset if isinstance(position, KafkaPosition) else -1
