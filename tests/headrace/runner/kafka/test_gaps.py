"""Offsets that are no records: aborted transactions, control records, compacted topics."""

import time

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource

from tests.support.kafka.broker import ordered_producer
from tests.support.kafka.runs import committed, ends
from tests.support.waiting import wait_until

pytestmark = pytest.mark.kafka


class Transactions:
    """Writes to partition 0 of a topic in transactions."""

    def __init__(self, bootstrap: str, topic: str) -> None:
        self._topic = topic
        self._producer = Producer({"bootstrap.servers": bootstrap, "transactional.id": topic})
        self._producer.init_transactions(30)

    def begin(self, value: bytes, count: int) -> None:
        self._producer.begin_transaction()
        for _ in range(count):
            self._producer.produce(self._topic, value, partition=0)
        assert self._producer.flush(30) == 0

    def commit(self) -> None:
        self._producer.commit_transaction(30)

    def abort(self) -> None:
        self._producer.abort_transaction(30)


def test_aborted_records_are_not_delivered_and_the_position_passes_them(kafka, runs, topic):
    """GIVEN a log that ends in an aborted transaction, THEN the group does not lag behind it."""
    name = topic()
    log = Transactions(kafka.bootstrap, name)
    for value, count, finish in [
        (b"kept", 25, log.commit),
        (b"aborted", 30, log.abort),
        (b"kept", 5, log.commit),
        (b"aborted", 40, log.abort),
    ]:
        log.begin(value, count)
        finish()
    values = []
    run = runs(name, process=lambda record: values.append(record.value), batch_size=10)
    end = ends(kafka.bootstrap, name)
    assert end[0] > 100  # 100 records and the markers of four transactions
    wait_until(lambda: committed(kafka.bootstrap, name) == end)
    wait_until(lambda: run.stats.snapshot().lag == {f"{name}-0": 0})
    assert values == [b"kept"] * 30
    log.begin(b"kept", 1)
    log.commit()
    wait_until(lambda: len(values) == 31)
    run.request_end()
    assert run.stats.snapshot().committed == 31


def test_an_open_transaction_holds_back_what_follows_it_until_it_is_decided(kafka, runs, topic):
    name = topic()
    log = Transactions(kafka.bootstrap, name)
    log.begin(b"undecided", 3)
    plain = Producer({"bootstrap.servers": kafka.bootstrap})
    plain.produce(name, b"later", partition=0)
    assert plain.flush(30) == 0
    values = []
    run = runs(name, process=lambda record: values.append(record.value))
    wait_until(lambda: committed(kafka.bootstrap, name) == {0: 0})
    time.sleep(0.5)
    assert values == []
    assert committed(kafka.bootstrap, name) == {0: 0}
    log.commit()
    wait_until(lambda: len(values) == 4)
    run.request_end()
    assert values == [b"undecided"] * 3 + [b"later"]


def test_a_run_of_a_log_that_holds_nothing_but_aborted_records_ends_when_idle(kafka, runs, topic):
    name = topic()
    log = Transactions(kafka.bootstrap, name)
    log.begin(b"aborted", 20)
    log.abort()
    run = runs(name, idle=2).end()
    assert run.count == 0
    assert committed(kafka.bootstrap, name) == ends(kafka.bootstrap, name)


@pytest.fixture
def eager_cleaner(kafka):
    """The log cleaner looks several times a second."""
    change = ConfigEntry(
        "log.cleaner.backoff.ms", "200", incremental_operation=AlterConfigOpType.SET
    )
    cluster = ConfigResource(ConfigResource.Type.BROKER, "1", incremental_configs=[change])
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap})
    admin.incremental_alter_configs([cluster])[cluster].result(30)


def held(bootstrap: str, topic: str) -> list[int]:
    """The offsets that a partition still has."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "none"})
    consumer.assign([TopicPartition(topic, 0, 0)])
    last = ends(bootstrap, topic)[0] - 1
    offsets: list[int] = []
    while not offsets or offsets[-1] < last:
        offsets += [message.offset() for message in consumer.consume(500, 0.2)]
    consumer.close()
    return offsets


@pytest.mark.slow
def test_what_compaction_took_is_a_gap_and_no_loss(kafka, runs, topic, eager_cleaner):
    """GIVEN a log that keeps the last record of each key, THEN all it holds comes, in order."""
    quick = {"min.cleanable.dirty.ratio": "0.01", "segment.ms": "100", "delete.retention.ms": "0"}
    name = topic(1, **{"cleanup.policy": "compact", **quick})

    def write(count: int) -> None:
        producer = ordered_producer(kafka.bootstrap)
        for number in range(count):
            producer.produce(name, b"%d" % number, b"k%d" % (number % 50), partition=0)
        assert producer.flush(30) == 0

    write(1_000)
    time.sleep(0.2)  # the segment's time is over, and the next record begins another
    write(3)
    wait_until(lambda: len(held(kafka.bootstrap, name)) < 100)
    offsets = held(kafka.bootstrap, name)
    run = runs(name, batch_size=10)
    wait_until(lambda: run.stats.snapshot().lag == {f"{name}-0": 0})
    run.request_end()
    assert run.offsets[0] == offsets
    counts = run.stats.snapshot()
    assert (counts.lost, counts.committed) == (0, len(offsets))
    assert committed(kafka.bootstrap, name) == {0: 1_003}
