"""A batch between its first attempt and its last: which of its records are still open.

A batch that failed as a whole can be split: its halves, and theirs, are then tried one after the
other, so that a record that breaks the whole ends up alone.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from headrace.errors import NotDone
from headrace.processing.outcomes import Outcomes
from headrace.record import Record


class Batch:
    """Records that were handed out together.

    Attributes:
        records: in the order of delivery.
        open: indices of the records that are not done, ascending.
        attempts: how often each record itself failed; being held back does not count, nor does
            the failure of a whole that was split then.
        deliveries: how often the handler got each record, since the first attempt that failed.
        errors: why each open record failed last.
        given_up: records that go to the failure destination, with the reason, until it has
            acknowledged them.
        tries: attempts in a row that left something open, since one last made progress; 0 where
            the next attempt delivers a part that was not tried by itself yet.
    """

    __slots__ = (
        "_cuts",
        "_tried",
        "attempts",
        "deliveries",
        "errors",
        "given_up",
        "open",
        "records",
        "tries",
    )

    def __init__(self, records: Sequence[Record]) -> None:
        self.records = records
        self.open: Sequence[int] = range(len(records))
        self.attempts: dict[int, int] = {}
        self.deliveries: dict[int, int] = {}
        self.errors: dict[int, Exception] = {}
        self.given_up: dict[int, Exception] = {}
        self.tries = 0
        self._cuts: list[int] = []  # where a later part begins, the nearest last
        self._tried = -1  # the last record of the part that was tried last

    @property
    def prefix(self) -> int:
        """How many records from the first on are done without a gap."""
        return self.open[0] if self.open else len(self.records)

    def part(self) -> Sequence[int]:
        """Indices of what the next attempt delivers: what is open before the nearest cut."""
        while self._cuts and not (self.open and self.open[0] < self._cuts[-1]):
            self._cuts.pop()
        return self.open[: bisect_left(self.open, self._cuts[-1])] if self._cuts else self.open

    def open_records(self) -> Sequence[Record]:
        """What the next attempt delivers."""
        part = self.part()
        if len(part) == len(self.records):
            return self.records
        return [self.records[index] for index in part]

    def redelivered(self) -> int:
        """How many of `open_records()` the handler had before."""
        if not self.deliveries:
            return 0
        return sum(index in self.deliveries for index in self.part())

    def learn(self, outcomes: Outcomes) -> None:
        """Take in what became of `open_records()`."""
        part = self.part()
        still_open = []
        for place, error in sorted(outcomes.failures.items()):
            index = part[place]
            still_open.append(index)
            if not isinstance(error, NotDone):
                self.attempts[index] = self.attempts.get(index, 0) + 1
                self.errors[index] = error
        self._note(part)
        self.open = [*still_open, *self.open[len(part) :]]

    def split(self, error: Exception) -> bool:
        """Take in that `open_records()` failed as a whole: from now on, try its halves.

        Returns:
            False, and nothing is changed, where it was a single record.
        """
        part = self.part()
        if len(part) < 2:
            return False
        self._note(part)
        self._tried = -1
        self.errors.update(dict.fromkeys(part, error))
        self._cuts.append(part[len(part) // 2])
        return True

    def cut(self, starts: Sequence[int]) -> None:
        """Have the parts tried one after the other that begin with these indices, ascending."""
        self._cuts = [*reversed(starts)]

    def close(self, indices: Iterable[int]) -> None:
        """Mark records as done that the failure destination has acknowledged."""
        closed = set(indices)
        self.open = [index for index in self.open if index not in closed]
        for index in closed:
            del self.given_up[index]

    def count_try(self, open_before: int) -> None:
        """Note the end of an attempt that began with `open_before` open records."""
        if not self.given_up and self.part()[0] > self._tried:
            self.tries = 0
        else:
            self.tries = self.tries + 1 if len(self.open) == open_before else 1

    def _note(self, part: Sequence[int]) -> None:
        for index in part:
            self.deliveries[index] = self.deliveries.get(index, 0) + 1
        self._tried = part[-1]
