"""A broker that is away: polling goes on, a stop keeps its deadline, and nothing is lost."""

import time
from collections import Counter

import pytest

from headrace.runner.committer import NotCommitted
from headrace.runner.kafka.poller import KafkaPoller
from tests.support.kafka.runs import committed, fill
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

COUNT = 3_000
BATCH = 10
WINDOW = 5 * BATCH


@pytest.fixture(scope="module")
def kafka(lone_kafka):
    """A broker that may be killed."""
    return lone_kafka


@pytest.fixture
def polls(monkeypatch):
    """How often each poller polled."""
    counted = Counter()
    poll = KafkaPoller.poll

    def counting(self, wait):
        counted[self] += 1
        poll(self, wait)

    monkeypatch.setattr(KafkaPoller, "poll", counting)
    return counted


@pytest.fixture
def outage(kafka):
    """Ends the broker as a crash does; it is back after the test at the latest."""
    ended = []

    def begin():
        kafka.kill()
        ended.append(True)

    def end():
        if ended:
            kafka.start()
            ended.clear()

    yield begin, end
    end()


def test_polling_goes_on_and_what_is_out_stays_bounded(kafka, topic, runs, polls, outage):
    """GIVEN commits without an answer, THEN polls go on, and no more is handed out than allowed."""
    begin, end = outage
    name = topic()
    fill(kafka.bootstrap, name, {0: COUNT})
    settings = {"batch_size": BATCH, "uncommitted_batches": WINDOW // BATCH}
    run = runs(name, process=lambda record: time.sleep(0.002), **settings)
    wait_until(lambda: run.stats.snapshot().committed > 100)
    begin()
    wait_until(lambda: run.count >= run.stats.snapshot().committed + WINDOW)
    (poller,) = polls
    before, count = polls[poller], run.count
    wait_until(lambda: polls[poller] > before + 20)
    time.sleep(2)
    assert run.count == count
    assert run.running
    end()
    wait_until(lambda: run.count == COUNT)
    run.request_end()
    assert run.offsets == {0: list(range(COUNT))}
    assert committed(kafka.bootstrap, name) == {0: COUNT}


def test_a_stop_keeps_its_deadline_though_no_broker_answers(kafka, topic, runs, outage):
    begin, end = outage
    name = topic()
    fill(kafka.bootstrap, name, {0: COUNT})
    # Whoever could not leave holds its partitions until its session is over.
    source = {"consumer_config": {"session.timeout.ms": "6000"}}
    settings = {"batch_size": BATCH, "drain_timeout_seconds": 1.0, "source": source}
    first = runs(name, process=lambda record: time.sleep(0.002), **settings)
    wait_until(lambda: first.stats.snapshot().committed > 100)
    begin()
    wait_until(lambda: first.count > first.stats.snapshot().committed)
    asked = time.monotonic()
    with pytest.raises(NotCommitted):
        first.request_end()
    assert time.monotonic() - asked < 10
    end()
    second = runs(name, **settings)
    wait_until(lambda: committed(kafka.bootstrap, name) == {0: COUNT})
    second.request_end()
    assert sorted({*first.offsets[0], *second.offsets[0]}) == list(range(COUNT))
    assert second.offsets[0][0] <= first.offsets[0][-1] + 1
