"""The end of a partition: committed where it is no record's, and never behind what is done."""

import threading

from headrace.runner.kafka.consumer import Fetched, LogEnd
from headrace.testing.memory_consumer import MemoryConsumer
from headrace.testing.memory_topic import MemoryTopic
from tests.support.runner import per_record, run_memory


class EndingConsumer(MemoryConsumer):
    """Tells, once it has come to certain positions of partition 0, at which ends the log stands.

    Attributes:
        is_past: set when it was polled again after the last of them.
    """

    def __init__(self, broker: MemoryTopic, ends: dict[int, int]) -> None:
        super().__init__(broker)
        self.is_past = threading.Event()
        self._told_at = ends

    def _read(self, partition: int, most: int) -> list[Fetched]:
        if most and not self._told_at:
            self.is_past.set()
        end = self._told_at.pop(self.positions[partition], None) if most else None
        if end is None:
            return super()._read(partition, most)
        return [LogEnd(partition, end), *super()._read(partition, most - 1)]


def test_an_end_that_a_record_of_the_same_fetch_overtook_does_not_set_the_position_back():
    """GIVEN [end at 290, record 290] in one fetch, THEN 291 is committed, and nothing after it."""
    broker = MemoryTopic()
    broker.produce(b"written at the end", gap=290)
    broker.committed[0] = 290
    consumer = EndingConsumer(broker, {290: 290})
    run_memory(consumer, per_record(lambda record: None))
    assert consumer.is_past.is_set()
    assert set(broker.commits) == {(0, 291)}


def test_an_end_beyond_the_last_record_is_committed_once_all_before_it_is_done():
    """GIVEN records 0 to 2 and an aborted transaction after them, WHEN the last is done, THEN 5."""
    broker = MemoryTopic()
    for _ in range(3):
        broker.produce(b"v")
    consumer = EndingConsumer(broker, {3: 5})
    before_the_last_is_done = []

    def process(record) -> None:
        if record.position.offset == 2:
            assert consumer.is_past.wait(30)
            before_the_last_is_done.extend(broker.commits)

    run_memory(consumer, per_record(process), batch_size=1)
    assert max((offset for _, offset in before_the_last_is_done), default=0) <= 2
    assert broker.commits[-1] == (0, 5)
    assert broker.commits == sorted(broker.commits)
