import threading

import pytest

from headrace.runner.monitoring.stats import SECONDS, LaneStatus, Stats


def test_every_count_of_a_snapshot_can_be_added_to():
    stats = Stats()
    names = ("polled", "filtered_out", "invoked", "failed", "done", "retried", "dropped")
    names += ("dead_lettered", "delivered_to_destination", "committed", "lost")

    stats.add(**{name: number for number, name in enumerate(names, start=1)})
    stats.add(lost=1)

    now = stats.snapshot()
    assert [getattr(now, name) for name in names] == [*range(1, len(names)), len(names) + 1]


def test_an_unknown_count_is_refused():
    with pytest.raises(KeyError):
        Stats().add(polld=1)


def test_threads_lose_no_count():
    stats = Stats()

    def work():
        for _ in range(2_000):
            stats.add(done=2, seconds=0.002)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    now = stats.snapshot()
    assert now.done == 16_000
    assert sum(now.seconds) == 8_000
    assert now.seconds_sum == pytest.approx(16)


@pytest.mark.parametrize(
    ("seconds", "bucket"),
    [(0.0, 0), (SECONDS[0], 0), (SECONDS[0] * 1.01, 1), (SECONDS[-1] + 1, len(SECONDS))],
)
def test_an_invocation_counts_in_the_bucket_of_its_time(seconds, bucket):
    stats = Stats()
    stats.add(seconds=seconds)
    assert [i for i, count in enumerate(stats.snapshot().seconds) if count] == [bucket]


def test_lanes_are_asked_for_at_each_snapshot():
    stats, lanes = Stats(), []
    stats.watch(lambda: list(lanes))
    assert not stats.snapshot().lanes
    lanes.append(LaneStatus(name="a-0"))
    assert [lane.name for lane in stats.snapshot().lanes] == ["a-0"]


def test_the_oldest_invocation_counts(monkeypatch):
    stats = Stats()
    stats.watch(
        lambda: [
            LaneStatus(name="a-0", in_flight_since=70.0),
            LaneStatus(name="a-1", in_flight_since=40.0),
            LaneStatus(name="a-2"),
        ]
    )
    now = stats.snapshot()
    monkeypatch.setattr("time.monotonic", lambda: 100.0)
    assert now.oldest == 60.0


def test_a_poll_resets_the_poll_age(monkeypatch):
    clock = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    stats = Stats()
    clock[0] = 130.0
    assert stats.poll_age() == 30.0
    stats.beat()
    clock[0] = 131.0
    assert stats.snapshot().poll_age == 1.0
