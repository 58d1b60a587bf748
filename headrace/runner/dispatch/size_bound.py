"""An upper bound on the size of a partition's records: small ones are not sized one by one."""

from headrace.record import Record
from headrace.runner.protocol.payload import ROOM, fitting


class SizeBound:
    """Says whether records fit one event: at a glance if that is sure, else by their sizes.

    Attributes:
        largest: bytes that no record exceeds in an event; infinity as long as nobody said so.
    """

    def __init__(self) -> None:
        self.largest = 0.0

    def raise_to(self, largest: float) -> None:
        """Note an upper bound on the records that are fed next. What waits is as large as it is."""
        self.largest = max(self.largest, largest)

    def surely_fit(self, count: int) -> bool:
        """Return whether any `count` records fit one event."""
        return count * self.largest <= ROOM or not count

    def fitting(self, records: list[Record]) -> int:
        """Return how many of the first records make one batch: as many as fit, but at least one."""
        return len(records) if self.surely_fit(len(records)) else fitting(records, len(records))
