"""What became of each record of a batch."""

from collections.abc import Iterator, Sequence
from typing import Self

from headrace.errors import NotDone
from headrace.record import Record


class Outcomes:
    """The results and the failures of one batch, by the index of the record.

    A record is done unless `failures` names it: its result was kept (and acknowledged by the sink
    where there is one), or its dead letter was acknowledged.

    Attributes:
        records: the batch, in the order of delivery.
        results: what `process` returned for each record; None where nothing did.
        failures: why a record is not done; its source will deliver it again.
        rejected: indices of the records that went to the dead-letter sink (they are done).
    """

    __slots__ = ("failures", "records", "rejected", "results")

    def __init__(self, records: Sequence[Record]) -> None:
        self.records = records
        self.results: list[object] = [None] * len(records)
        self.failures: dict[int, Exception] = {}
        self.rejected: set[int] = set()

    @classmethod
    def refused(cls, error: Exception) -> Self:
        """The outcome of a request that could not even become a record."""
        outcomes = cls([])
        outcomes.failures[0] = error
        return outcomes

    def not_done(self) -> Iterator[Record]:
        """The records that must be delivered again, in their order."""
        return (self.records[index] for index in sorted(self.failures))

    def errors(self) -> list[tuple[Record, Exception]]:
        """The failures that someone should look at: not those merely held back."""
        return [
            (self.records[index], error)
            for index, error in sorted(self.failures.items())
            if not isinstance(error, NotDone)
        ]
