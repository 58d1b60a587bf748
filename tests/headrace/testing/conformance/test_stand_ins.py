"""On a real Kafka and on stand-ins for AWS, the runner does what it does on sources in memory.

These are some of the requirements; `make conformance` runs all of them.
"""

import pytest

from headrace.testing.conformance import judge, requirements
from headrace.testing.conformance.adapter import verdict
from headrace.testing.conformance.live.adapter import LiveAdapter
from headrace.testing.conformance.live.kafka import Broker
from headrace.testing.conformance.live.place import Place
from headrace.testing.conformance.live.stand_ins import makers_on
from headrace.testing.conformance.table import unmet

KNOWN = {given.id: given for given in requirements()}
OF_STREAMS = [
    "batch-size",
    "partial-lowest",
    "event",
    "bisect-again",
    "partial-attempts",
    "retries-2",
]
OF_SHARDS = [*OF_STREAMS, "checkpoint"]
QUEUES = ["done-is-deleted", "failed-batch", "filter", "partial", "redrive-alone"]
OF_QUEUES = [*[f"sqs-{name}" for name in QUEUES], *[f"fifo-{name}" for name in QUEUES]]
GROUPS = ["fifo-group-order", "fifo-group-waits", "fifo-group-after-a-redrive"]


@pytest.fixture
def on(aws_credentials):
    """Makes an adapter of a stand-in's address."""
    return lambda endpoint, *sources: LiveAdapter(
        "on a stand-in", makers_on(Place(endpoint, *sources))
    )


def check(adapter, names):
    verdicts = judge(adapter, [KNOWN[name] for name in names])
    assert unmet(verdicts) == ""
    assert [found.unsupported for found in verdicts] == [None] * len(names)


def test_on_a_real_kafka(kafka):
    makers = {"kafka": Broker(kafka.bootstrap).make}
    names = [*OF_STREAMS, "filter", "committed", "age", "at-timestamp", "event-partitions"]
    check(LiveAdapter("on Kafka", makers, gives_ages=True), [f"kafka-{name}" for name in names])


@pytest.mark.parametrize("source", ["kinesis", "dynamodb"])
def test_streams_on_moto(source, moto_server, on):
    check(on(moto_server), [f"{source}-{name}" for name in OF_SHARDS])


def test_queues_on_moto(moto_server, on):
    check(on(moto_server), OF_QUEUES)


def test_queues_on_elasticmq(elasticmq, on):
    check(on(elasticmq, ("sqs",)), [*OF_QUEUES, *GROUPS])


@pytest.mark.parametrize("source", ["kinesis", "dynamodb"])
def test_streams_on_ministack(source, ministack, on):
    check(on(ministack), [f"{source}-{name}" for name in OF_SHARDS])


def test_queues_on_ministack(ministack, on):
    check(on(ministack), [*OF_QUEUES, *GROUPS])


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("kafka-order", "it has no kafka"),
        ("kinesis-age-default", "hours old"),
        ("kinesis-parents-before-children", "split"),
    ],
)
def test_what_a_stand_in_cannot_show_is_told(name, why, on):
    adapter = on("http://127.0.0.1:9")  # nobody is asked
    assert why in verdict(adapter, KNOWN[name]).unsupported
