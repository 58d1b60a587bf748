"""On ElasticMQ and MiniStack, which give a group to one of several requests, as AWS does."""

import random
import time

import boto3
import pytest

from tests.support.sqs.queues import Queue, of_group, run_until_idle, source_of, worker
from tests.support.sqs.stopping import stop_at_work

pytestmark = pytest.mark.kinesis


@pytest.fixture(params=["elastic_client", "ministack_client"])
def client(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def ministack_client(ministack, aws_credentials, monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", ministack)
    client = boto3.client("sqs")
    yield client
    client.close()


def test_groups_are_in_order_whoever_receives_and_whatever_fails(client):
    queue, notes, chance = Queue(client, fifo=True), [], random.Random(7)

    def process(record):
        if chance.random() < 0.1:
            raise ValueError("now and then")
        notes.append((record.key.decode(), record.json()))

    groups = [f"g{number}" for number in range(4)]
    for begin in range(0, 20, 10):
        for group in groups:
            queue.put(*range(begin, begin + 10), group=group)
    source = source_of(queue, receivers=4)
    at_once = {"retry_backoff_seconds": 0.1, "retry_backoff_max_seconds": 0.1}
    run_until_idle(worker(process), queue, source=source, function_concurrency=4, **at_once)
    assert {group: of_group(notes, group) for group in groups} == {
        group: [*range(20)] for group in groups
    }
    assert queue.counts() == (0, 0)


def test_several_receivers_bring_each_message_once(client):
    queue, seen = Queue(client), []
    queue.put(*range(500))
    source = source_of(queue, receivers=4)
    stats = run_until_idle(worker(lambda record: seen.append(record.json())), queue, source=source)
    assert sorted(seen) == [*range(500)]
    assert stats.snapshot().committed == 500
    assert queue.counts() == (0, 0)


def test_long_handlers_keep_what_they_have_and_what_waits(client):
    queue, seen = Queue(client, visibility=1), []

    def process(record):
        seen.append(record.json())
        time.sleep(0.5)

    queue.put(*range(12))
    run_until_idle(worker(process), queue, function_concurrency=2, batch_size=3)
    assert sorted(seen) == [*range(12)]


def test_what_waits_is_released_within_a_second(client):
    stop_at_work(client)


def test_the_queue_moves_what_always_fails(client):
    queue = Queue(client, receives=3)

    def process(record):
        raise ValueError(record.text())

    queue.put("bad")
    stats = run_until_idle(worker(process), queue)
    assert queue.dead.bodies() == ["bad"]
    assert stats.snapshot().failed == 3
