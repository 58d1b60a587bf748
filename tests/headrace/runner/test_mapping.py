"""The whole mapping on an in-memory topic: retries, dead letters, commits, rebalances."""

import itertools
import threading
import time
from collections import Counter

import pytest

from headrace.dead_letters import reading
from headrace.log import logger
from headrace.processing.outcomes import Outcomes
from headrace.runner.committer import NotCommitted
from headrace.runner.delivery.deliver import Deliverer
from headrace.runner.delivery.destination import FailureDestination
from headrace.runner.delivery.limits import RetryLimits
from headrace.runner.kafka.consumer import ConsumerError
from headrace.runner.kafka.poller import KafkaPoller
from headrace.runner.mapping import EventSourceMapping
from headrace.runner.monitoring.stats import Stats
from headrace.runner.settings import MappingSettings
from headrace.runner.stop import Stop
from headrace.testing.memory_consumer import MemoryConsumer
from headrace.testing.memory_sink import MemorySink
from headrace.testing.memory_topic import MemoryTopic
from headrace.testing.records import TOPIC
from tests.support.runner import QUICK, per_record, run_memory


@pytest.fixture(autouse=True)
def _look_in_often(monkeypatch):
    """The source is polled soon, though the handler is at work."""
    monkeypatch.setattr("headrace.runner.handler_threads._LOOK_IN_SECONDS", 0.005)


def filled(count: int, partitions: int = 1, keys: int = 5) -> MemoryTopic:
    """A topic whose group has begun to read it: its first commit is of something done."""
    broker = MemoryTopic(partitions)
    broker.committed |= dict.fromkeys(range(partitions), 0)
    for number in range(count):
        broker.produce(b"%d" % number, b"k%d" % (number % keys), partition=number % partitions)
    return broker


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


def test_only_what_is_not_done_comes_again_and_the_prefix_is_committed():
    broker = filled(10, keys=5)
    deliveries = Counter()

    def process(record):
        deliveries[record.position.offset] += 1
        if record.position.offset == 3 and broker.committed.get(0) != 3:
            raise ValueError("not before what precedes it is committed")

    stats = run_memory(MemoryConsumer(broker), per_record(process))
    again = deliveries.pop(3) - 1
    assert again > 0
    assert deliveries == dict.fromkeys({*range(10)} - {3}, 1)  # 8 was held back, not delivered
    assert broker.committed == {0: 10}
    assert stats.snapshot().retried == again + 1  # 8 was in a batch once before


def test_other_partitions_go_on_while_one_stands_still():
    """GIVEN a record that fails on and on, and a partition that has run ahead of it as it may."""
    broker = MemoryTopic(2)
    for number in range(50):
        broker.produce(b"bad" if number == 0 else b"", partition=0)
        broker.produce(b"", partition=1)
    consumer = MemoryConsumer(broker)
    others = []
    paused = []

    def process(record):
        if record.value == b"bad":
            paused.append(0 in consumer.paused)
            if len(others) < 50 or not paused[-1]:
                raise ValueError("until partition 1 is done and partition 0 is paused")
        if record.position.partition == 1:
            others.append(record)

    few = {"batch_size": 5, "uncommitted_batches": 1, "records_ahead": 20}
    run_memory(consumer, per_record(process), retry_backoff_max_seconds=0.02, **few)
    assert broker.committed == {0: 50, 1: 50}
    assert not consumer.paused


def test_exhausted_records_go_to_the_destination_with_their_bytes_and_their_key_goes_on():
    broker = filled(10, keys=2)
    deliveries = Counter()
    sink = MemorySink()

    def process(record):
        deliveries[record.position.offset] += 1
        if record.position.offset == 4:
            raise ValueError("poison")

    stats = run_memory(
        MemoryConsumer(broker),
        per_record(process),
        FailureDestination(sink),
        maximum_retry_attempts=2,
    )
    assert deliveries[4] == 3  # the first attempt is no retry
    assert deliveries[6] == deliveries[8] == 1  # held back, not failed
    (letter,) = [reading.decode(message.value) for message in sink.messages]
    assert (letter.error_type, letter.value, letter.key) == ("RetryAttemptsExhausted", b"4", b"k0")
    assert letter.position.offset == 4
    assert "poison" in letter.error
    assert broker.committed == {0: 10}
    assert stats.snapshot().dead_lettered == 1


def test_position_waits_until_the_destination_acknowledges():
    broker = filled(3)
    sink = MemorySink(refuse=4)
    positions = []
    deliveries = Counter()

    def process(record):
        deliveries[record.position.offset] += 1
        if record.position.offset == 1:
            raise ValueError("poison")

    class Watching(FailureDestination):
        def write(self, records, reasons):
            positions.append(broker.committed.get(0, 0))
            return super().write(records, reasons)

    run_memory(
        MemoryConsumer(broker), per_record(process), Watching(sink), maximum_retry_attempts=0
    )
    assert len(positions) == 5
    assert max(positions) <= 1  # never past the record that waits for its dead letter
    assert deliveries == {0: 1, 1: 1, 2: 1}  # nothing is invoked again meanwhile
    assert len(sink.messages) == 1
    assert broker.committed == {0: 3}


def test_records_past_their_age_are_given_up_without_an_attempt():
    broker = MemoryTopic()
    broker.produce(b"old", timestamp=1)
    broker.produce(b"new", timestamp=time.time_ns() // 1_000_000)
    sink, seen = MemorySink(), []
    run_memory(
        MemoryConsumer(broker),
        per_record(lambda record: seen.append(record.value)),
        FailureDestination(sink),
        maximum_record_age_in_seconds=60,
    )
    assert seen == [b"new"]
    (letter,) = [reading.decode(message.value) for message in sink.messages]
    assert (letter.value, letter.error_type) == (b"old", "RecordAgeExceeded")
    assert broker.committed == {0: 2}


def test_an_invocation_that_raises_failed_as_a_whole():
    calls = []

    def invoke(records):
        calls.append([r.position.offset for r in records])
        if len(calls) == 1:
            raise RuntimeError("the handler broke")
        return Outcomes(records)

    broker = filled(4)
    run_memory(MemoryConsumer(broker), invoke)
    assert calls == [[0, 1, 2, 3], [0, 1, 2, 3]]
    assert broker.committed == {0: 4}


def test_a_refused_commit_is_tried_again():
    broker = filled(4)
    broker.refuse_commits = 2
    run_memory(MemoryConsumer(broker), per_record(lambda record: None))
    assert broker.committed == {0: 4}


def test_a_run_that_could_not_commit_what_is_done_says_so():
    """GIVEN a full disk or a broker that is away at the end, THEN it is no success."""
    broker = filled(4)
    broker.refuse_commits = 10_000
    stop, consumer = Stop(), MemoryConsumer(broker)

    def process(record):
        if record.position.offset == 3:
            stop.request()

    with pytest.raises(NotCommitted):
        run_memory(consumer, per_record(process), stop=stop, drain_timeout_seconds=0.3)
    assert broker.committed == {0: 0}


def test_an_error_that_ended_the_run_is_not_hidden_by_a_commit_that_fails():
    broker = filled(4)
    broker.refuse_commits = 10_000
    consumer = MemoryConsumer(broker)
    fetch = consumer.fetch

    def fenced(most, timeout):
        if consumer.polls > 5:
            raise ConsumerError("fenced")
        return fetch(most, timeout)

    consumer.fetch = fenced
    with pytest.raises(ConsumerError):
        run_memory(consumer, per_record(lambda r: None), drain_timeout_seconds=0.3)


def test_with_one_uncommitted_batch_the_next_waits_for_the_commit_of_the_one_before():
    broker = filled(60)
    begun = []

    def process(record):
        begun.append((record.position.offset, broker.committed.get(0, 0)))

    run_memory(MemoryConsumer(broker), per_record(process), batch_size=10, uncommitted_batches=1)
    assert all(offset - committed < 10 for offset, committed in begun)


def test_uncommitted_batches_lets_a_partition_run_ahead_so_far_and_no_further():
    broker = filled(200)
    broker.refuse_commits = 1
    ahead = []

    def process(record):
        ahead.append(record.position.offset - broker.committed.get(0, 0))

    run_memory(MemoryConsumer(broker), per_record(process), batch_size=10, uncommitted_batches=3)
    assert 10 <= max(ahead) < 30


def test_revoke_drains_and_commits_what_is_done():
    broker = filled(100)
    consumer = MemoryConsumer(broker)
    running = threading.Event()
    done = []

    def process(record):
        if record.position.offset == 25:
            consumer.revoke([0])
            running.set()
            time.sleep(0.1)  # still at work when the revocation comes
        done.append(record.position.offset)

    stop = Stop(when_idle=0.05)
    run_memory(consumer, per_record(process), stop=stop, batch_size=10)
    assert done == list(range(30))  # the running batch ends, no other begins
    assert broker.committed == {0: 30}


def test_drain_gives_up_at_its_deadline_and_the_late_completion_commits_nothing():
    broker = filled(20)
    consumer = MemoryConsumer(broker)
    release = threading.Event()
    done = []

    def process(record):
        if record.position.offset == 10 and not release.is_set():
            consumer.revoke([0])
            assert release.wait(5)
        done.append(record.position.offset)

    def after_revoke():
        deadline = time.monotonic() + 5
        while consumer.positions and time.monotonic() < deadline:
            time.sleep(0.005)
        release.set()
        while len(done) < 20 and time.monotonic() < deadline:
            time.sleep(0.005)
        stop.request()

    stop = Stop()
    waiter = threading.Timer(0.1, after_revoke)
    waiter.start()
    run_memory(consumer, per_record(process), stop=stop, batch_size=10, drain_timeout_seconds=0.05)
    waiter.join()
    assert done == list(range(20))
    assert broker.committed == {0: 10}


def test_lost_partitions_commit_nothing_though_their_batch_completes():
    broker = filled(30)
    consumer = MemoryConsumer(broker)
    stop = Stop()
    done = []

    def process(record):
        if record.position.offset == 10:
            consumer.lose([0])
            deadline = time.monotonic() + 5
            while consumer.positions and time.monotonic() < deadline:
                time.sleep(0.005)
        done.append(record.position.offset)
        if record.position.offset == 19:
            stop.request()

    run_memory(consumer, per_record(process), stop=stop, batch_size=10, uncommitted_batches=1)
    assert done == list(range(20))
    assert broker.committed == {0: 10}


def test_a_partition_that_comes_back_starts_at_its_committed_position_in_a_new_channel():
    broker = filled(30)
    consumer = MemoryConsumer(broker)
    done = []

    def process(record):
        if record.position.offset == 15 and 15 not in done:
            consumer.lose([0])
            consumer.assign([0])
            deadline = time.monotonic() + 5
            while not consumer.is_settled and time.monotonic() < deadline:
                time.sleep(0.005)
        done.append(record.position.offset)

    run_memory(consumer, per_record(process), batch_size=10, uncommitted_batches=1)
    assert done == [*range(20), *range(10, 30)]
    assert broker.committed == {0: 30}
    offsets = [offset for _, offset in broker.commits]
    assert offsets == sorted(offsets)


def test_polling_goes_on_while_the_handler_is_slow_and_memory_is_bounded(monkeypatch):
    monkeypatch.setattr("headrace.runner.kafka.poller._PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr("headrace.runner.kafka.poller._CHUNK", 100)
    broker = filled(2_000)
    consumer = MemoryConsumer(broker)
    seen = []

    def process(record):
        if record.position.offset == 0:
            before = consumer.polls
            deadline = time.monotonic() + 5
            while consumer.polls < before + 20 and time.monotonic() < deadline:
                time.sleep(0.01)
            seen.append((consumer.polls - before, set(consumer.paused), consumer.positions[0]))

    run_memory(consumer, per_record(process))
    ((polls, paused, position),) = seen
    assert polls >= 20
    assert paused == {0}
    assert position <= 400
    assert broker.committed == {0: 2_000}


def test_max_records_hands_over_exactly_so_many():
    broker = filled(100)
    seen = []
    run_memory(MemoryConsumer(broker), per_record(seen.append), stop=Stop(37), batch_size=10)
    assert len(seen) == 37
    assert broker.committed == {0: 37}


def test_a_stop_request_drains_commits_and_leaves():
    broker = filled(100)
    consumer = MemoryConsumer(broker)
    stop = Stop()
    done = []

    def process(record):
        done.append(record.position.offset)
        if record.position.offset == 25:
            stop.request()

    run_memory(consumer, per_record(process), stop=stop, batch_size=10)
    assert len(done) % 10 == 0
    assert broker.committed == {0: len(done)}
    assert consumer.closed


def test_two_handler_threads_keep_each_partition_in_order():
    broker = filled(400, partitions=4)
    seen = []
    arrivals, both = itertools.count(), threading.Barrier(2, timeout=5)

    def invoke(records):
        if next(arrivals) < 2:
            both.wait()  # two invocations are truly at work at once, or this one fails
        seen.extend(records)
        return Outcomes(records)

    stats = run_memory(MemoryConsumer(broker), invoke, batch_size=5, function_concurrency=2)
    assert stats.snapshot().retried == 0
    for partition in range(4):
        offsets = [r.position.offset for r in seen if r.position.partition == partition]
        assert offsets == list(range(100))


def test_what_breaks_a_handler_thread_ends_the_run():
    class Broken(BaseException):
        pass

    def invoke(records):
        raise Broken("a bug, not a failed record")

    with pytest.raises(Broken, match="a bug"):
        run_memory(MemoryConsumer(filled(3)), invoke)


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


def test_a_factor_has_batches_of_one_partition_at_work_at_once_and_keeps_keys_in_order():
    broker = filled(600, keys=30)
    seen = []
    arrivals, all_four = itertools.count(), threading.Barrier(4, timeout=10)

    def invoke(records):
        if next(arrivals) < 4:
            all_four.wait()  # or this invocation fails
        seen.extend(records)
        return Outcomes(records)

    stats = run_memory(MemoryConsumer(broker), invoke, batch_size=5, parallelization_factor=4)
    assert stats.snapshot().retried == 0
    for key in {record.key for record in seen}:
        offsets = [r.position.offset for r in seen if r.key == key]
        assert offsets == sorted(offsets)
    assert len(seen) == 600
    assert broker.committed == {0: 600}


def test_keys_go_on_beside_one_that_hangs():
    broker = filled(60, keys=12)
    others = Counter()
    blocked = []

    def process(record):
        if record.position.offset == 0:
            deadline = time.monotonic() + 10
            while len(others) < 6 and time.monotonic() < deadline:
                time.sleep(0.005)
            blocked.append(len(others))
        else:
            others[record.key] += 1

    run_memory(MemoryConsumer(broker), per_record(process), batch_size=1, parallelization_factor=6)
    assert blocked[0] >= 6
    assert sum(others.values()) == 59
    assert broker.committed == {0: 60}


def test_polls_go_on_while_commits_fail():
    broker = filled(50)
    broker.refuse_commits = 10_000
    consumer = MemoryConsumer(broker)
    polls = []
    stop = Stop()

    def process(record):
        if record.position.offset == 49:

            def end():
                deadline, begun = time.monotonic() + 10, consumer.polls
                while consumer.polls < begun + 10 and time.monotonic() < deadline:
                    time.sleep(0.005)
                polls.append(consumer.polls - begun)
                broker.refuse_commits = 0
                stop.request()

            threading.Thread(target=end).start()

    run_memory(consumer, per_record(process), stop=stop, batch_size=10)
    assert polls[0] >= 10
    assert broker.committed == {0: 50}  # the last attempt was that of the drain


def test_ready_is_from_the_first_assignment_to_the_drain():
    broker = filled(3)
    consumer, stop = MemoryConsumer(broker), Stop()
    chosen = MappingSettings(**QUICK)
    stats, log = Stats(), logger("test", "CRITICAL")
    answers = []

    def process(record):
        answers.append((mapping.ready(), mapping.live()))
        if len(answers) == 3:
            stop.request()
            answers.append((mapping.ready(), mapping.live()))

    deliverer = Deliverer(per_record(process), RetryLimits(-1, -1), None, stats, log)
    poller = KafkaPoller(consumer, TOPIC, chosen.records_per_batch)
    mapping = EventSourceMapping(chosen, poller, deliverer, stats, stop, log)
    assert not mapping.ready()
    mapping.run()
    assert answers == [(True, True)] * 3 + [(False, True)]
    assert not mapping.ready()


def test_a_record_that_fails_harms_no_other():
    """GIVEN 5,000 distinct keys and one record that always fails, THEN 4,999 are done at once."""
    broker = filled(5_000, keys=5_000)
    sink, done = MemorySink(), Counter()

    def process(record):
        if record.position.offset == 10:
            raise KeyError("customer")
        done[record.position.offset] += 1

    stats = run_memory(
        MemoryConsumer(broker),
        per_record(process),
        FailureDestination(sink),
        dead_letter_url="file:it-is-given-beside",
    )
    assert sorted(done) == [n for n in range(5_000) if n != 10]
    assert set(done.values()) == {1}
    (letter,) = [reading.decode(message.value) for message in sink.messages]
    assert (letter.position.offset, letter.error_type) == (10, "RetryAttemptsExhausted")
    assert broker.committed == {0: 5_000}
    assert stats.snapshot().dead_lettered == 1


def test_an_unreadable_record_goes_to_the_destination_alone_and_uninvoked():
    broker = filled(20)
    broker.unreadable[0, 7] = "its headers"
    sink, seen = MemorySink(), []
    run_memory(MemoryConsumer(broker), per_record(seen.append), FailureDestination(sink))
    assert [r.position.offset for r in seen if r.key != b"k2"] == [
        n for n in range(20) if n % 5 != 2
    ]
    assert 7 not in {r.position.offset for r in seen}
    assert [r.position.offset for r in seen if r.key == b"k2"] == [2, 12, 17]
    (letter,) = [reading.decode(message.value) for message in sink.messages]
    assert (letter.position.offset, letter.error_type) == (7, "UnreadableRecord")
    assert broker.committed == {0: 20}


def test_without_a_destination_an_unreadable_record_holds_back_its_own_key():
    broker = filled(20)
    broker.unreadable[0, 7] = "its headers"
    seen, stop = [], Stop()

    def process(record):
        seen.append(record.position.offset)
        if len(seen) == 17:
            threading.Timer(0.05, stop.request).start()

    run_memory(MemoryConsumer(broker), per_record(process), stop=stop)
    assert sorted(seen) == [n for n in range(20) if n not in {7, 12, 17}]
    assert broker.committed == {0: 7}
