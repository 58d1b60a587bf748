"""The figures of all members together, for metrics, the live view and the page."""

import heapq
import itertools
import threading
import time
from collections.abc import Iterable, Sequence
from operator import add

from headrace.runner.members.report import Report
from headrace.runner.monitoring.recent import DeadLettered
from headrace.runner.monitoring.stats import SECONDS, Counts, Snapshot

_MOST_LETTERS = 50


class SummedStats:
    """What members have reported, and what those had reported last that are gone.

    Attributes:
        dead_letters: this; it has the last ones of all members.
    """

    def __init__(self, members: int) -> None:
        self._lock = threading.Lock()
        self._members = members
        self._now: dict[int, Report] = {}
        self._gone: list[Report] = []
        self._begun = time.monotonic()
        self.dead_letters = self

    def note(self, number: int, report: Report) -> None:
        """Take in a member's report, in place of the one before."""
        with self._lock:
            self._now[number] = report

    def end(self, number: int) -> None:
        """Note that a member is gone: its counts stay, its partitions do not."""
        with self._lock:
            if number in self._now:
                self._gone.append(self._now.pop(number))

    def heard_of(self, number: int) -> bool:
        """Return whether a member has reported since it was started."""
        with self._lock:
            return number in self._now

    def beat(self) -> None:
        """Do nothing: members say themselves when they have polled."""

    def snapshot(self) -> Snapshot:
        """Return the counts of all at one moment."""
        with self._lock:
            now = [report.snapshot for report in self._now.values()]
            ever = [*now, *(report.snapshot for report in self._gone)]
        ages = [one.poll_age for one in now] or [time.monotonic() - self._begun]
        return Snapshot(
            lag=_merged(one.lag for one in now),
            age=_merged(one.age for one in now),
            partitions=[*itertools.chain.from_iterable(one.partitions for one in now)],
            seconds=_summed((one.seconds for one in ever), len(SECONDS) + 1),
            seconds_sum=sum(one.seconds_sum for one in ever),
            poll_age=max(ages),
            **{name: sum(getattr(one, name) for one in ever) for name in Counts.__struct_fields__},
        )

    def latest_first(self) -> Sequence[DeadLettered]:
        """Return the last dead letters of all members."""
        with self._lock:
            reports = [*self._now.values(), *self._gone]
        letters = (letter for report in reports for letter in report.dead_letters)
        return heapq.nlargest(_MOST_LETTERS, letters, key=lambda letter: letter.at)

    def live(self) -> bool:
        """Return whether every member that runs polls its source."""
        with self._lock:
            return all(report.live for report in self._now.values())

    def ready(self) -> bool:
        """Return whether all members are there and take records."""
        with self._lock:
            reports = [*self._now.values()]
        return len(reports) == self._members and all(report.ready for report in reports)


def _merged(figures: Iterable[dict[str, int]]) -> dict[str, int]:
    return {name: value for one in figures for name, value in one.items()}


def _summed(rows: Iterable[Sequence[int]], length: int) -> tuple[int, ...]:
    total: Sequence[int] = [0] * length
    for row in rows:
        total = [*map(add, total, row)]
    return tuple(total)
