"""Runners of an in-memory topic that die, are stopped, and lose partitions."""

import pytest

from headrace import Worker
from headrace.testing import StreamRun
from tests.support.orders import Orders, ids, orders


def test_what_was_done_before_a_crash_comes_again_if_it_was_not_committed():
    run = StreamRun(Orders, batch_size=2)
    run.produce(orders(1, 2, 3, 4))
    run.run(batches=2)
    run.kill()
    run.restart()
    assert run.run()
    assert set(ids(run.delivered_twice)) <= {0, 1, 2, 3}
    assert ids(run.delivered_twice)
    assert run.committed == {0: 4}


def test_a_runner_may_die_inside_a_batch():
    run = StreamRun(Orders, batch_size=4)
    run.produce(orders(1, 2, 3, 4))
    run.kill_at(lambda record: record.json()["id"] == 2)
    assert not run.run()
    assert ids(run.delivered) == [0, 1, 2]
    assert run.committed.get(0, 0) == 0
    run.restart()
    assert run.run()
    assert ids(run.delivered_twice) == [0, 1, 2]


def test_a_runner_that_is_stopped_commits_what_is_done():
    run = StreamRun(Orders, batch_size=2)
    run.produce(orders(1, 2, 3, 4))
    run.run(batches=1)
    run.stop()
    assert run.committed == {0: 2}
    run.restart()
    assert run.run()
    assert run.delivered_twice == []


def test_a_partition_that_is_revoked_is_committed_and_not_read_any_more():
    run = StreamRun(Orders, partitions=2)
    run.produce(orders(1, 2, 3, 4))
    run.revoke(1)
    run.run()
    assert run.committed == {0: 2}
    run.assign(1)
    assert run.run()
    assert run.committed == {0: 2, 1: 2}


def test_what_a_revocation_commits_does_not_come_again():
    run = StreamRun(Orders, batch_size=2)
    run.produce(orders(1, 2, 3, 4))
    run.run(batches=1)
    run.revoke()
    run.assign()
    assert run.run()
    assert run.delivered_twice == []


def test_what_was_done_of_a_lost_partition_comes_again():
    run = StreamRun(Orders, uncommitted_batches=100)
    run.produce(orders(1, 2))
    run.run(batches=1)
    before = run.committed
    run.lose()
    assert run.committed == before
    run.assign()
    assert run.run()
    assert run.committed == {0: 2}


def test_each_life_sets_up_a_worker_and_only_an_orderly_end_closes_it():
    events = []

    class Careful(Worker):
        def setup(self):
            events.append("setup")

        def process(self, record):
            return None

        def close(self):
            events.append("close")

    run = StreamRun(Careful)
    run.kill()
    run.restart()
    run.stop()
    assert events == ["setup", "setup", "close"]


def test_a_runner_that_is_dead_does_nothing():
    run = StreamRun(Orders)
    run.kill()
    for act in (run.run, run.kill, run.stop, run.revoke):
        with pytest.raises(RuntimeError, match="does not run"):
            act()
    run.restart()
    with pytest.raises(RuntimeError, match="the runner runs"):
        run.restart()
