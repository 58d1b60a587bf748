"""A batch between its first attempt and its last: which of its records are still open.

A batch that failed as a whole can be split: its halves, and theirs, are then tried one after the
other, so that a record that breaks the whole ends up alone.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from headrace.errors import NotDone
from headrace.processing.outcomes import Outcomes
from headrace.record import Record
from headrace.runner.dispatch.history import History
from headrace.runner.dispatch.key_order import may_leave


class Batch:
    """Records that were handed out together.

    Args:
        records: in the order of delivery.
        slots: of these records in their partition, ascending.
        histories: of records that were not done at once, by their slots; outlives the batch.
        is_retry: whether the records failed before, each in a batch of its own then. Their keys
            all differ.

    Attributes:
        open: indices of the records that are not done and stay with this batch, ascending.
        aside: indices of the records that failed by themselves, and leave the batch.
        tries: attempts in a row that left something open, since one last made progress; 0 if the
            next attempt delivers a part that was not tried by itself yet.
        progress: how many records the last attempt got done.
        is_new: no attempt has ended.
        not_done: why the first open record was not attempted last time; None if it was.
    """

    __slots__ = (
        "_cuts",
        "_tried",
        "aside",
        "histories",
        "is_new",
        "is_retry",
        "not_done",
        "open",
        "progress",
        "records",
        "slots",
        "tries",
    )

    def __init__(
        self,
        records: Sequence[Record],
        slots: Sequence[int] | None = None,
        histories: dict[int, History] | None = None,
        *,
        is_retry: bool = False,
    ) -> None:
        self.records = records
        self.slots = range(len(records)) if slots is None else slots
        self.histories = {} if histories is None else histories
        self.is_retry = is_retry
        self.open: Sequence[int] = range(len(records))
        self.aside: list[int] = []
        self.tries = self.progress = 0
        self.is_new = True
        self.not_done: NotDone | None = None
        self._cuts: list[int] = []  # where a later part begins, the nearest last
        self._tried = -1  # the last record of the part that was tried last

    def part(self) -> Sequence[int]:
        """Return the indices that the next attempt delivers: what is open before the next cut."""
        while self._cuts and not (self.open and self.open[0] < self._cuts[-1]):
            self._cuts.pop()
        return self.open[: bisect_left(self.open, self._cuts[-1])] if self._cuts else self.open

    def open_records(self) -> Sequence[Record]:
        """Return what the next attempt delivers."""
        part = self.part()
        if len(part) == len(self.records):
            return self.records
        return [self.records[index] for index in part]

    def redelivered(self) -> int:
        """Return how many of `open_records()` the handler had before."""
        if not self.histories:
            return 0
        return sum(self.slots[index] in self.histories for index in self.part())

    def known(self, index: int) -> History | None:
        """Return the history of a record, if it has one."""
        return self.histories.get(self.slots[index])

    def history(self, index: int) -> History:
        """Return the history of a record, which begins now if there was none."""
        return self.histories.setdefault(self.slots[index], History())

    def learn(self, outcomes: Outcomes, *, isolate: bool = False) -> None:
        """Take in what became of `open_records()`.

        Args:
            outcomes: of each record.
            isolate: have what failed by itself leave the batch.
        """
        part, failures = self.part(), outcomes.failures
        made_progress = min(failures, default=0) > 0
        left, left_keys = [], set[bytes | None]()
        for place, error in sorted(failures.items()):
            index = part[place]
            key = self.records[index].key
            history = self.history(index)
            history.invocations += 1
            # One of its key that merely comes again is before it, and must not be overtaken.
            comes_again = isolate and key is not None and key in left_keys
            if isinstance(error, NotDone) or comes_again:
                left.append(index)
                left_keys.add(key)
                continue
            history.count(error, made_progress=made_progress)
            (self.aside if isolate else left).append(index)
        self._tried = part[-1]
        self.open = [*left, *self.open[len(part) :]]
        first = left and failures[part.index(left[0])]
        self.not_done = first if isinstance(first, NotDone) else None

    def fail(self, error: Exception, *, isolate: bool = False) -> None:
        """Take in that the invocation with `open_records()` failed as a whole.

        That is no attempt if the error is a NotDone: the function could not be invoked.
        """
        if isinstance(error, NotDone):
            self._tried, self.not_done = self.part()[-1], error
        else:
            records = self.open_records()
            whole = Outcomes(records, dict.fromkeys(range(len(records)), error))
            self.learn(whole, isolate=isolate and len(records) == 1)

    def split(self, error: Exception) -> bool:
        """Take in that `open_records()` failed as a whole: from now on, try its halves.

        Returns:
            False, and nothing is changed, if it was a single record.
        """
        part = self.part()
        if len(part) < 2:
            return False
        for index in part:
            history = self.history(index)
            history.invocations += 1
            history.error = error
        self._tried, self.not_done = -1, None
        self._cuts.append(part[len(part) // 2])
        return True

    def cut(self, starts: Sequence[int]) -> None:
        """Have the parts tried one after the other that begin with these indices, ascending."""
        self._cuts = [*reversed(starts)]

    def given_up(self) -> list[int]:
        """Return the indices of records that the failure destination has not acknowledged yet."""
        if not self.histories:
            return []
        waiting = (*self.open, *self.aside)
        return sorted(i for i in waiting if (known := self.known(i)) and known.given_up)

    def remove(self, indices: Iterable[int]) -> None:
        """Take records out of the batch: they are done."""
        gone = set(indices)
        self.open = [index for index in self.open if index not in gone]
        self.aside = [index for index in self.aside if index not in gone]

    def set_aside(self, indices: Iterable[int]) -> bool:
        """Have records leave the batch that wait for the failure destination.

        Each leaves once no earlier record with its key is open. What comes after one of them with
        its key, or before one that cannot leave yet, makes a part of its own.

        Returns:
            Whether there is a part that may be delivered.
        """
        leaving, end = may_leave(self.open, self.records, set(indices).difference(self.aside))
        for index in leaving:
            self.history(index).tries += 1
        self.open = [index for index in self.open if index not in leaving]
        self.aside = sorted(leaving.union(self.aside))
        if end is not None and self.open and self.open[0] < end < min(self._cuts[-1:] or [end + 1]):
            self._cuts.append(end)
        return bool(self.open) and self.open[0] != end

    def count_try(self, open_before: int) -> None:
        """Note the end of an attempt that began with `open_before` open records."""
        self.is_new = False
        self.progress = open_before - len(self.open) - len(self.aside)
        if not self.open:
            return
        if self.aside or self.part()[0] > self._tried:
            self.tries = 0
        else:
            self.tries = self.tries + 1 if len(self.open) == open_before else 1
