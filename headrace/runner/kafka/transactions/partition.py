"""The results of one partition that are not written yet."""

from headrace.sinks.base import Message


class HeldPartition:
    """What one assignment of a partition has.

    Attributes:
        reached: all before this offset is committed; None before the first record has come.
        in_doubt: up to where a transaction went that was committed, or was not.
        is_over: its records come again, as those of a new assignment.
        results: by the offset of their record.
    """

    __slots__ = ("in_doubt", "is_over", "reached", "results")

    def __init__(self, reached: int | None = None) -> None:
        self.reached = reached
        self.in_doubt: int | None = None
        self.is_over = False
        self.results: dict[int, Message] = {}

    def until(self, end: int) -> list[tuple[int, Message]]:
        """Return what is to be written before an offset is committed, in order."""
        begin = end if self.reached is None else self.reached
        return [(at, self.results[at]) for at in sorted(self.results) if begin <= at < end]

    def commit(self, end: int) -> None:
        """Drop what is written."""
        if self.reached is None or self.reached < end:
            self.reached = end
            self.results = {at: result for at, result in self.results.items() if at >= end}
