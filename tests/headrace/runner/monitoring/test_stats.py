import threading

import pytest

from headrace.runner.monitoring.stats import SECONDS, Counts, PartitionStatus, Stats


def test_every_count_is_added_to_by_its_name():
    stats = Stats()
    names = Counts.__struct_fields__

    stats.add(Counts(**{name: number for number, name in enumerate(names, start=1)}))
    stats.add(Counts(lost=1))

    now = stats.snapshot()
    expected = {name: number + (name == "lost") for number, name in enumerate(names, start=1)}
    assert {name: getattr(now, name) for name in names} == expected


def test_threads_lose_no_count():
    stats = Stats()

    def work():
        for _ in range(2_000):
            stats.add(Counts(done=2), 0.002)

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
    stats.add(Counts(), seconds)
    assert [i for i, count in enumerate(stats.snapshot().seconds) if count] == [bucket]


def test_partitions_are_asked_for_at_each_snapshot():
    stats, partitions = Stats(), []
    stats.watch(lambda: list(partitions))
    assert not stats.snapshot().partitions
    partitions.append(PartitionStatus(name="a-0"))
    assert [partition.name for partition in stats.snapshot().partitions] == ["a-0"]


def test_the_oldest_invocation_counts(monkeypatch):
    stats = Stats()
    stats.watch(
        lambda: [
            PartitionStatus(name="a-0", in_flight_since=70.0),
            PartitionStatus(name="a-1", in_flight_since=40.0),
            PartitionStatus(name="a-2"),
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
