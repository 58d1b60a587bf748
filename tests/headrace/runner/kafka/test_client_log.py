"""What librdkafka says: told at once, and then at most once a minute for each kind."""

import logging

import pytest
from confluent_kafka import Consumer

from headrace.runner.kafka.client_log import ClientLog
from tests.support.partitions import Clock
from tests.support.waiting import wait_until


class Lines:
    """A log that keeps its lines."""

    def __init__(self) -> None:
        self.lines = []

    def __getattr__(self, level):
        return lambda message, **fields: self.lines.append((level, message, fields["repeated"]))


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def lines():
    return Lines()


@pytest.fixture
def log(lines, clock):
    return ClientLog(lines, clock)


def say(log, message, level=logging.ERROR):
    log.log(level, "%s [%s] %s", "FAIL", "rdkafka#consumer-1", message)


def test_the_same_of_other_brokers_is_told_once_a_minute_with_its_number(log, lines, clock):
    for number in range(50):
        say(
            log,
            f"[thrd:b{number}:9092/{number}]: b{number}:9092/{number}: refused (after {number}ms)",
        )
    clock.now += 61
    say(log, "[thrd:b1:9092/1]: b1:9092/1: refused (after 7ms)")
    assert [(level, repeated) for level, _, repeated in lines.lines] == [
        ("error", None),
        ("error", 49),
    ]
    assert "b0:9092" in lines.lines[0][1]


def test_another_kind_is_told_at_once(log, lines):
    say(log, "b1:9092: refused")
    say(log, "b1:9092: authentication failed")
    assert len(lines.lines) == 2


@pytest.mark.parametrize(
    ("level", "name"),
    [
        (logging.DEBUG, "info"),
        (logging.INFO, "info"),
        (logging.WARNING, "warning"),
        (logging.CRITICAL, "error"),
    ],
)
def test_the_level_is_kept(log, lines, level, name):
    say(log, "something", level)
    assert lines.lines[0][0] == name


def test_the_client_itself_is_heard():
    lines = Lines()
    consumer = Consumer(
        {"bootstrap.servers": "127.0.0.1:1", "group.id": "g", "logger": ClientLog(lines)}
    )
    wait_until(lambda: consumer.poll(0.1) or lines.lines, 20)
    consumer.close()
    assert any("127.0.0.1:1" in message for _, message, _ in lines.lines)
