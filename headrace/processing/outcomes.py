"""What became of each record of a batch."""

from collections.abc import Iterator, Mapping, Sequence

from headrace.errors import NotDone, Reject
from headrace.record import Record


class Outcomes:
    """The results and the failures of one batch, by the index of the record.

    A record is done unless it failed: its result was kept (and acknowledged by the sink, if there
    is one), or its dead letter was acknowledged.

    Args:
        records: the batch, in the order of delivery.
        failures: why some are not done.
        rejected: why others are rejected, whose dead letters were acknowledged.
    """

    __slots__ = ("_failures", "_rejected", "_results", "records")

    def __init__(
        self,
        records: Sequence[Record],
        failures: Mapping[int, Exception] | None = None,
        rejected: Mapping[int, str] | None = None,
    ) -> None:
        self.records = records
        self._results: list[object] = [None] * len(records)
        self._failures = dict(failures) if failures else {}
        self._rejected = dict(rejected) if rejected else {}

    @property
    def results(self) -> Sequence[object]:
        """What `process` returned for each record; None if it returned nothing."""
        return self._results

    @property
    def failures(self) -> Mapping[int, Exception]:
        """Why records are not done; their source will deliver them again."""
        return self._failures

    @property
    def rejected(self) -> Mapping[int, str]:
        """Why records went to the dead-letter sink; they are done."""
        return self._rejected

    def keep(self, index: int, result: object) -> None:
        """Note what `process` returned for a record."""
        self._results[index] = result

    def fail(self, index: int, error: Exception) -> None:
        """Note that a record is not done, whatever was noted before."""
        self._failures[index] = error
        self._rejected.pop(index, None)

    def reject(self, index: int, why: str) -> None:
        """Note that a record's dead letter was acknowledged."""
        self._rejected[index] = why

    def not_done(self) -> Iterator[Record]:
        """Yield the records that must be delivered again, in their order."""
        return (self.records[index] for index in sorted(self._failures))

    def errors(self) -> list[tuple[Record, Exception]]:
        """Return the failures that someone should look at: not those merely held back."""
        return [
            (self.records[index], error)
            for index, error in sorted(self._failures.items())
            if not isinstance(error, NotDone)
        ]


class Refused(Outcomes):
    """The outcome of a request that did not become a record: its caller hears why.

    Args:
        error: what is wrong with the request.
    """

    __slots__ = ()

    def __init__(self, error: Reject) -> None:
        super().__init__((), {0: error})

    def not_done(self) -> Iterator[Record]:
        """Yield nothing: there is no record."""
        return iter(())

    def errors(self) -> list[tuple[Record, Exception]]:
        """Return nothing: the fault is the caller's, who hears of it."""
        return []
