"""A batch between its first attempt and its last: which of its records are still open."""

from collections import Counter
from collections.abc import Iterable, Sequence

from workers.errors import NotDone
from workers.outcome import Outcomes
from workers.record import Record


class Batch:
    """Records that were handed out together.

    Attributes:
        records: in the order of delivery.
        open: indices of the records that are not done, ascending.
        attempts: how often each record itself failed; being held back does not count.
        errors: why each open record failed last.
        given_up: records that go to the failure destination, with the reason, until it has
            acknowledged them.
        tries: attempts in a row that left something open, since one last made progress.
        counted: the length of the prefix that its lane has counted as done.
    """

    __slots__ = ("attempts", "counted", "errors", "given_up", "open", "records", "tries")

    def __init__(self, records: Sequence[Record]) -> None:
        self.records = records
        self.open: Sequence[int] = range(len(records))
        self.attempts: Counter[int] = Counter()
        self.errors: dict[int, Exception] = {}
        self.given_up: dict[int, Exception] = {}
        self.tries = 0
        self.counted = 0

    @property
    def prefix(self) -> int:
        """How many records from the first on are done without a gap."""
        return self.open[0] if self.open else len(self.records)

    def open_records(self) -> Sequence[Record]:
        """What the next attempt delivers."""
        if len(self.open) == len(self.records):
            return self.records
        return [self.records[index] for index in self.open]

    def learn(self, outcomes: Outcomes) -> None:
        """Take in what became of `open_records()`."""
        still_open = []
        for place, error in sorted(outcomes.failures.items()):
            index = self.open[place]
            still_open.append(index)
            if not isinstance(error, NotDone):
                self.attempts[index] += 1
                self.errors[index] = error
        self.open = still_open

    def close(self, indices: Iterable[int]) -> None:
        """Mark records as done that the failure destination has acknowledged."""
        closed = set(indices)
        self.open = [index for index in self.open if index not in closed]
        for index in closed:
            del self.given_up[index]

    def count_try(self, open_before: int) -> None:
        """Note the end of an attempt that began with `open_before` open records."""
        self.tries = self.tries + 1 if len(self.open) == open_before else 1
