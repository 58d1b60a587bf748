"""The whole mapping on an in-memory topic: which records come, and in which batches."""

from headrace.processing.outcomes import Outcomes
from headrace.runner.stop import Stop
from headrace.testing.memory_consumer import MemoryConsumer
from headrace.testing.memory_topic import MemoryTopic
from tests.support.runner import filled, per_record, run_memory


def ends(broker: MemoryTopic) -> dict[int, int]:
    return {n: broker.end(n) for n, log in broker.partitions.items() if log}


def test_everything_is_processed_in_order_and_committed():
    broker = filled(1_000, partitions=3)
    seen = []
    stats = run_memory(MemoryConsumer(broker), per_record(seen.append), batch_size=50)
    for partition in range(3):
        offsets = [r.position.offset for r in seen if r.position.partition == partition]
        assert offsets == [r.position.offset for r in broker.partitions[partition]]
    assert broker.committed == ends(broker)
    counts = stats.snapshot()
    assert (counts.polled, counts.done, counts.committed, counts.retried) == (1000, 1000, 1000, 0)


def test_a_record_keeps_key_value_headers_and_timestamp_and_may_lack_them():
    broker = MemoryTopic()
    headers = (("h", b"\xff"), ("h", b"2"))
    broker.produce(b"v", b"k", headers=headers, timestamp=123)
    broker.produce(None, None)
    seen = []
    run_memory(MemoryConsumer(broker), per_record(seen.append))
    assert seen[0].headers == headers
    assert (seen[0].key, seen[0].value, seen[0].timestamp) == (b"k", b"v", 123)
    assert (seen[1].key, seen[1].value, seen[1].headers) == (None, None, ())


def test_no_batch_is_larger_than_batch_size():
    sizes = []

    def invoke(records):
        sizes.append(len(records))
        return Outcomes(records)

    run_memory(MemoryConsumer(filled(95)), invoke, batch_size=10)
    assert max(sizes) == 10
    assert sum(sizes) == 95


def test_full_batches_never_wait_for_the_window_however_many_partitions_fill(monkeypatch):
    """Records that wait in batches not yet full are no reason to stop fetching."""
    monkeypatch.setattr("headrace.runner.kafka.poller._CHUNK", 100)
    sizes = []

    def invoke(records):
        sizes.append(len(records))
        return Outcomes(records)

    run_memory(
        MemoryConsumer(filled(3_200, partitions=8)),
        invoke,
        batch_size=200,
        maximum_batching_window_in_seconds=60.0,
    )
    assert sizes == [200] * 16


def test_the_next_offset_after_a_gap_is_the_last_record_plus_one():
    broker = MemoryTopic()
    for gap in (0, 7, 0, 100):
        broker.produce(b"v", gap=gap)
    done = per_record(lambda record: None)
    run_memory(MemoryConsumer(broker), done, batch_size=2, uncommitted_batches=1)
    assert broker.commits == [(0, 0), (0, 9), (0, 111)]  # where it begins is committed, too


def test_max_records_hands_over_exactly_so_many():
    broker = filled(100)
    seen = []
    run_memory(MemoryConsumer(broker), per_record(seen.append), stop=Stop(37), batch_size=10)
    assert len(seen) == 37
    assert broker.committed == {0: 37}


def test_filtered_out_records_never_reach_the_handler_and_the_position_passes_them():
    broker = MemoryTopic(2)
    for number in range(100):
        broker.produce(b'{"n": %d}' % number, partition=0)
        broker.produce(b"{}", partition=1)  # nothing of it passes
    seen = []
    stats = run_memory(
        MemoryConsumer(broker),
        per_record(seen.append),
        batch_size=10,
        filter_criteria='[{"value": {"n": [{"numeric": [">=", 50, "<", 60]}]}}]',
    )
    assert [record.position.offset for record in seen] == list(range(50, 60))
    assert broker.committed == {0: 100, 1: 100}
    counts = stats.snapshot()
    assert (counts.polled, counts.filtered_out, counts.invoked, counts.committed) == (
        200,
        190,
        10,
        200,
    )


def test_the_limit_on_records_counts_those_that_are_filtered_out():
    broker = filled(100)
    stats = run_memory(
        MemoryConsumer(broker),
        per_record(lambda record: None),
        stop=Stop(37),
        filter_criteria='[{"value": [{"prefix": "3"}]}]',
    )
    assert broker.committed == {0: 37}
    assert stats.snapshot().filtered_out == 37 - 8  # all but 3 and 30 to 36
