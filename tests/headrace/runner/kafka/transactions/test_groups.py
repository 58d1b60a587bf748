"""Members that come, go, and are put out: the transaction of one that is out is undone."""

import random
import threading
import time

import pytest
from confluent_kafka import Consumer, TopicPartition

from headrace.runner.kafka.transactions.writer import Aborted, TransactionWriter
from headrace.sinks.base import Message
from tests.support.kafka.broker import produce
from tests.support.kafka.runs import committed, hasten
from tests.support.waiting import wait_until

pytestmark = pytest.mark.kafka

COUNT = 600
# By the `consumer` protocol, the broker says how often.
HEARTBEATS = {
    "classic": {"session.timeout.ms": "1500", "heartbeat.interval.ms": "300"},
    "consumer": {},
}
PROTOCOLS = [*HEARTBEATS]


def slowly(record):
    time.sleep(0.002)
    if random.random() < 0.02:
        raise OSError("again")
    return int(record.value)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_partitions_move_from_runner_to_runner_and_each_result_is_there_once(
    kafka, topic, lives, results, protocol
):
    numbers, out = topic(4), topic(2)
    hasten(kafka.bootstrap, numbers)
    reader, url = results(out, 2), f"kafka:///{out}?transactional=1"
    source = {"group_protocol": protocol, "consumer_config": HEARTBEATS[protocol]}
    count = 0

    def more():
        nonlocal count
        produce(kafka.bootstrap, numbers, range(count, count + 100))
        count += 100

    def write_until_it_has_done_some(life):
        enough = life.stats.snapshot().committed + 50
        wait_until(lambda: more() or life.stats.snapshot().committed > enough, every=0.1)

    first = lives(numbers, url, slowly, source=source)
    write_until_it_has_done_some(first)
    second = lives(numbers, url, slowly, source=source)
    write_until_it_has_done_some(second)
    second.end()
    write_until_it_has_done_some(first)
    wait_until(lambda: reader.read().total() >= count)
    first.end()
    assert reader.read(0.5) == {b"%d" % number: 1 for number in range(count)}
    assert all(values == sorted(values, key=int) for values in reader.by_key.values())


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_transaction_that_its_member_outlives_not_is_undone(
    kafka, topic, lives, results, monkeypatch, protocol
):
    """GIVEN one that stands still in it, WHEN another has done all, THEN it is undone."""
    stands, goes_on = threading.Event(), threading.Event()
    write = TransactionWriter.write

    def stand_still_once(self, messages, *more):
        if messages and not stands.is_set():
            stands.set()
            goes_on.wait(60)
        write(self, messages, *more)

    monkeypatch.setattr(TransactionWriter, "write", stand_still_once)
    numbers, out = topic(3), topic(2)
    produce(kafka.bootstrap, numbers, range(COUNT))
    hasten(kafka.bootstrap, numbers)
    reader, url = results(out, 2), f"kafka:///{out}?transactional=1"
    patience = {**HEARTBEATS[protocol], "max.poll.interval.ms": "2000"}
    source = {"group_protocol": protocol, "consumer_config": patience}
    first = lives(numbers, url, slowly, source=source)
    assert stands.wait(60)
    second = lives(numbers, url, slowly, source=source)
    wait_until(lambda: reader.read().total() >= COUNT)
    goes_on.set()
    time.sleep(1.0)
    first.end()
    second.end()
    assert reader.read(1.0) == {b"%d" % number: 1 for number in range(COUNT)}


def test_a_transaction_of_a_member_that_was_put_out_is_undone(kafka, topic, results):
    numbers, out = topic(1), topic(1)
    reader = results(out)
    settings = {
        "bootstrap.servers": kafka.bootstrap,
        "group.id": numbers,
        "session.timeout.ms": 1500,
        "heartbeat.interval.ms": 300,
    }

    def join():
        member = Consumer(settings)
        member.subscribe([numbers])
        wait_until(lambda: member.poll(0.1) is None and member.assignment())
        return member

    producer = {"bootstrap.servers": kafka.bootstrap, "transactional.id": f"{numbers}-1"}
    writer = TransactionWriter({**producer, "transaction.timeout.ms": 5000}, out)
    place = [TopicPartition(numbers, 0, 5)]
    first = join()
    membership = first.consumer_group_metadata()
    writer.write([Message(None, b"1")], place, membership)
    first.close()
    second = join()
    with pytest.raises(Aborted):
        writer.write([Message(None, b"2")], [TopicPartition(numbers, 0, 9)], membership)
    writer.write([Message(None, b"3")], place, second.consumer_group_metadata())
    second.close()
    assert reader.read(1.0) == {b"1": 1, b"3": 1}
    assert committed(kafka.bootstrap, numbers) == {0: 5}
