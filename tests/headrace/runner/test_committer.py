"""The committer with a source that answers later: nothing counts before its answer."""

import pytest

from headrace.log import logger
from headrace.runner import committer as commit
from headrace.runner.committer import Committer
from headrace.runner.dispatch.dispatcher import Dispatcher
from headrace.runner.dispatch.partition import Lane
from headrace.runner.monitoring.stats import Stats
from headrace.runner.settings import MappingSettings
from tests.support.runner import kafka_record


class Bench:
    """A lane of ten records, a committer, and the commits that it began."""

    def __init__(self, uncommitted_batches: int = 2) -> None:
        settings = MappingSettings(batch_size=1, uncommitted_batches=uncommitted_batches)
        self.dispatcher = Dispatcher()
        self.lane = Lane("orders-0", settings, 0.0)
        self.dispatcher.open(self.lane)
        self.dispatcher.feed(self.lane, [kafka_record(offset) for offset in range(10)])
        self.stats = Stats()
        self.begun = []
        self.waited = []
        self.committer = Committer(
            self.dispatcher, self.waited.append, self.stats, logger("test", "CRITICAL")
        )
        self.committer.begin = lambda records, settle: self.begun.append((records, settle))

    def work(self) -> bool:
        """Finish one batch, if one is handed out."""
        taken = self.dispatcher.take()
        if taken is None:
            return False
        lane, batch = taken
        batch.open = ()
        self.dispatcher.settle(lane, batch, lambda tries: 0.0)
        return True

    def offsets(self) -> list[list[int]]:
        return [[record.position.offset for record in records] for records, _ in self.begun]


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
    bench.begun[0][1]([None])
    assert bench.stats.snapshot().committed == 1
    bench.committer.flush_if_needed()
    assert bench.offsets() == [[0], [1]]


def test_no_more_than_the_window_is_handed_out_before_an_answer():
    bench = Bench(uncommitted_batches=2)
    assert bench.work()
    bench.committer.flush_if_needed()
    assert bench.work()
    assert not bench.work()
    bench.begun[0][1]([None])
    assert bench.work()
    assert not bench.work()


def test_a_commit_is_due_as_soon_as_half_of_the_window_is_done(monkeypatch):
    monkeypatch.setattr(commit, "_PAUSE_SECONDS", 60.0)
    bench = Bench(uncommitted_batches=4)
    bench.work()
    bench.committer.flush_if_needed()
    assert bench.offsets() == [[0]]  # the first one, at once
    bench.begun[0][1]([None])
    bench.work()
    bench.committer.flush_if_needed()
    assert not bench.committer.due
    assert bench.offsets() == [[0]]
    bench.work()
    assert bench.committer.due
    bench.committer.flush_if_needed()
    assert bench.offsets() == [[0], [2]]
    assert bench.work()  # before the answer
    bench.begun[1][1]([None])
    assert not bench.committer.due


def test_a_refusal_is_tried_again():
    bench = Bench()
    bench.work()
    bench.committer.flush_if_needed()
    bench.begun[0][1]([OSError("the broker is away")])
    assert bench.stats.snapshot().committed == 0
    bench.committer.flush_if_needed()
    bench.begun[1][1]([None])
    assert bench.offsets() == [[0], [0]]
    assert bench.stats.snapshot().committed == 1


def test_a_refusal_of_one_lane_holds_back_no_other():
    bench = Bench()
    other = Lane("orders-1", MappingSettings(batch_size=1), 0.0)
    bench.dispatcher.open(other)
    bench.dispatcher.feed(other, [kafka_record(100)])
    bench.work()
    bench.work()
    bench.committer.flush_if_needed()
    records, settle = bench.begun[0]
    settle([OSError() if r.position.offset == 100 else None for r in records])
    assert (bench.lane.committed_count, other.committed_count) == (1, 0)


def test_a_late_answer_does_not_set_back_what_a_drain_has_committed():
    bench = Bench(uncommitted_batches=10)
    bench.work()
    bench.committer.flush_if_needed()
    bench.work()
    assert bench.committer.flush([bench.lane])
    assert [r.position.offset for r in bench.waited[0]] == [1]
    bench.begun[0][1]([None])
    assert bench.lane.committed_count == 2
    assert bench.stats.snapshot().committed == 2
    assert bench.dispatcher.uncommitted() == {}
