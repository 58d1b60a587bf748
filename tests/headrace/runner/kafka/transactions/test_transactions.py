"""Results and positions in one transaction, on a real Kafka."""

import random
import threading
import time

import pytest

from headrace import Reject
from tests.support.kafka.broker import produce
from tests.support.kafka.results import ALL, COUNT, number
from tests.support.kafka.runs import committed
from tests.support.waiting import wait_until

pytestmark = pytest.mark.kafka


def in_order(reader):
    return all(values == sorted(values, key=int) for values in reader.by_key.values())


def test_each_result_is_there_once_and_in_the_order_of_its_key(kafka, numbers, out, lives, results):
    reader = results(out, 2)
    life = lives(numbers, f"kafka:///{out}?transactional=1", number)
    wait_until(lambda: reader.read().total() >= COUNT)
    life.end()
    assert reader.read(1.0) == ALL
    assert in_order(reader)
    assert sum(committed(kafka.bootstrap, numbers, 3).values()) == COUNT


def test_a_record_that_fails_has_its_result_once_when_it_is_done(numbers, out, lives, results):
    """GIVEN failures, and others that run ahead of them, THEN all results are there once."""

    def process(record):
        if random.random() < 0.1:
            raise OSError("again")
        return number(record)

    reader = results(out, 2)
    url = f"kafka:///{out}?transactional=1"
    settings = {"parallelization_factor": 3, "retry_backoff_seconds": 0.01}
    life = lives(numbers, url, process, **settings)
    wait_until(lambda: reader.read().total() >= COUNT)
    life.end()
    assert reader.read(1.0) == ALL
    assert in_order(reader)


def test_results_ahead_of_a_record_that_fails_wait_for_it(kafka, topic, out, lives, results):
    name, gate = topic(1), threading.Event()
    produce(kafka.bootstrap, name, range(50))

    def process(record):
        if record.position.offset == 20 and not gate.is_set():
            raise OSError("again")
        return number(record)

    reader = results(out, 2)
    life = lives(name, f"kafka:///{out}?transactional=1", process, retry_backoff_max_seconds=0.2)
    wait_until(lambda: life.stats.snapshot().done >= 45)
    time.sleep(0.5)
    assert {int(value) for value in reader.read(0.5)} == set(range(20))
    assert committed(kafka.bootstrap, name) == {0: 20}
    gate.set()
    wait_until(lambda: len(reader.read()) == 50)
    life.end()
    assert reader.read(0.5).total() == 50


def test_a_rejected_record_has_a_letter_and_no_result(kafka, numbers, out, topic, lives, results):
    def process(record):
        if number(record) % 10 == 3:
            raise Reject("ends in 3")
        return number(record)

    letters = topic(1)
    reader, dead = results(out, 2), results(letters)
    life = lives(
        numbers,
        f"kafka:///{out}?transactional=1",
        process,
        dead_letters=f"kafka://{kafka.bootstrap}/{letters}",
    )
    wait_until(lambda: sum(committed(kafka.bootstrap, numbers, 3).values()) == COUNT)
    life.end()
    assert reader.read(0.5) == {value: 1 for value in ALL if value[-1:] != b"3"}
    assert dead.read(0.5).total() == COUNT // 10


@pytest.mark.parametrize("limit", ["topic", "client"])
def test_a_result_that_is_refused_is_its_record_s_own_failure(
    kafka, numbers, topic, lives, results, limit
):
    """GIVEN a result too large for the broker, THEN its record goes to the dead letters alone."""

    def process(record):
        return "x" * 150_000 if number(record) == 77 else number(record)

    config = {"max.message.bytes": "100000"} if limit == "topic" else {}
    out, letters = topic(2, **config), topic(1)
    url = f"kafka:///{out}?transactional=1" + "&message.max.bytes=100000" * (limit == "client")
    reader, dead = results(out, 2), results(letters)
    life = lives(
        numbers,
        url,
        process,
        dead_letters=f"kafka://{kafka.bootstrap}/{letters}",
        maximum_retry_attempts=1,
    )
    wait_until(lambda: sum(committed(kafka.bootstrap, numbers, 3).values()) == COUNT)
    life.end()
    assert reader.read(0.5) == {value: 1 for value in ALL if value != b"77"}
    (letter,) = dead.read(0.5)
    assert b"ContentRefused" in letter
