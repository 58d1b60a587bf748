"""The committer with a source that answers later: nothing counts before its answer."""

import pytest

from headrace.log import logger
from headrace.runner import committer as commit
from headrace.runner.committer import Committer
from headrace.runner.dispatch.dispatcher import Dispatcher
from headrace.runner.dispatch.partition import Partition
from headrace.runner.monitoring.stats import Stats
from headrace.runner.settings import MappingSettings
from tests.support.partitions import Waits
from tests.support.runner import kafka_record


class Source:
    """Keeps the commits that were begun, and those that were waited for."""

    def __init__(self) -> None:
        self.begun = []
        self.waited = []

    def commit(self, positions):
        self.waited.append(positions)

    def begin_commit(self, positions, settle):
        self.begun.append((positions, settle))


class Bench:
    """A partition of ten records, a committer, and its source."""

    def __init__(self, uncommitted_batches: int = 2) -> None:
        settings = MappingSettings(batch_size=1, uncommitted_batches=uncommitted_batches)
        self.dispatcher = Dispatcher()
        self.partition = Partition("orders-0", settings, 0.0)
        self.dispatcher.open(self.partition)
        self.dispatcher.add(self.partition, [kafka_record(offset) for offset in range(10)])
        self.stats = Stats()
        self.source = Source()
        log = logger("test", "CRITICAL")
        self.committer = Committer(self.dispatcher.ledger, self.source, self.stats, log)

    def work(self) -> bool:
        """Finish one batch, if one is handed out."""
        taken = self.dispatcher.take()
        if taken is None:
            return False
        taken.batch.open = ()
        self.dispatcher.settle(taken, Waits())
        return True

    def answer(self, which: int, *errors: Exception | None) -> None:
        """Have a commit answered."""
        self.source.begun[which][1](errors or [None])

    def offsets(self) -> list[list[int]]:
        return [[position.offset for position in begun] for begun, _ in self.source.begun]


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch):
    monkeypatch.setattr(commit, "_PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(commit, "_RETRY_SECONDS", 0.0)


def test_one_is_out_at_a_time_and_counts_when_it_is_answered():
    bench = Bench(uncommitted_batches=10)
    bench.work()
    bench.committer.flush_if_needed()
    bench.work()
    bench.committer.flush_if_needed()
    assert bench.offsets() == [[0]]
    assert not bench.committer.due
    assert bench.stats.snapshot().committed == 0
    bench.answer(0)
    assert bench.stats.snapshot().committed == 1
    bench.committer.flush_if_needed()
    assert bench.offsets() == [[0], [1]]


def test_no_more_than_the_window_is_handed_out_before_an_answer():
    bench = Bench(uncommitted_batches=2)
    assert bench.work()
    bench.committer.flush_if_needed()
    assert bench.work()
    assert not bench.work()
    bench.answer(0)
    assert bench.work()
    assert not bench.work()


def test_a_commit_is_due_as_soon_as_half_of_the_window_is_done(monkeypatch):
    monkeypatch.setattr(commit, "_PAUSE_SECONDS", 60.0)
    bench = Bench(uncommitted_batches=4)
    bench.work()
    bench.committer.flush_if_needed()
    assert bench.offsets() == [[0]]  # the first one, at once
    bench.answer(0)
    bench.work()
    bench.committer.flush_if_needed()
    assert not bench.committer.due
    assert bench.offsets() == [[0]]
    bench.work()
    assert bench.committer.due
    bench.committer.flush_if_needed()
    assert bench.offsets() == [[0], [2]]
    assert bench.work()  # before the answer
    bench.answer(1)
    assert not bench.committer.due


def test_a_refusal_is_tried_again():
    bench = Bench()
    bench.work()
    bench.committer.flush_if_needed()
    bench.answer(0, OSError("the broker is away"))
    assert bench.stats.snapshot().committed == 0
    bench.committer.flush_if_needed()
    bench.answer(1)
    assert bench.offsets() == [[0], [0]]
    assert bench.stats.snapshot().committed == 1


def test_a_refusal_of_one_lane_holds_back_no_other():
    bench = Bench()
    other = Partition("orders-1", MappingSettings(batch_size=1), 0.0)
    bench.dispatcher.open(other)
    bench.dispatcher.add(other, [kafka_record(100)])
    bench.work()
    bench.work()
    bench.committer.flush_if_needed()
    positions, settle = bench.source.begun[0]
    settle([OSError() if position.offset == 100 else None for position in positions])
    assert (bench.partition.committed_count, other.committed_count) == (1, 0)


def test_a_late_answer_does_not_set_back_what_a_drain_has_committed():
    bench = Bench(uncommitted_batches=10)
    bench.work()
    bench.committer.flush_if_needed()
    bench.work()
    assert bench.committer.flush([bench.partition])
    assert [position.offset for position in bench.source.waited[0]] == [1]
    bench.answer(0)
    assert bench.partition.committed_count == 2
    assert bench.stats.snapshot().committed == 2
    assert bench.dispatcher.ledger.commits() == {}
