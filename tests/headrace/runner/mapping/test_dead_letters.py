"""The whole mapping on an in-memory topic: what is given up goes to the destination."""

import threading
import time
from collections import Counter

from headrace.dead_letters import reading
from headrace.runner.delivery.destination import FailureDestination
from headrace.runner.stop import Stop
from headrace.testing.memory_consumer import MemoryConsumer
from headrace.testing.memory_sink import MemorySink
from headrace.testing.memory_topic import MemoryTopic
from tests.support.runner import filled, per_record, run_memory


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
