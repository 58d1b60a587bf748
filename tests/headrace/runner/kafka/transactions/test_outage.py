"""The broker is killed, and runners live on: whoever reads what is committed sees all once.

CHAOS_RECORDS and CHAOS_RESTARTS say how many records there are, and how often the broker is killed:
`make chaos` does it often.
"""

import os
import time
from contextlib import closing

import pytest
from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from headrace.testing.brokers.apache_kafka import KafkaBroker
from headrace.testing.brokers.jars import QUICK_JVM, check_tools
from headrace.testing.brokers.process import ToolsMissingError
from tests.support.kafka.broker import produce
from tests.support.kafka.results import Results
from tests.support.killed_runners import PATIENCE_S, RECORDS
from tests.support.runner_process import start_runner

RESTARTS = int(os.environ.get("CHAOS_RESTARTS", "1"))
TRIES = 3
pytestmark = [
    pytest.mark.kafka,
    pytest.mark.slow(seconds=30),
    pytest.mark.timeout(TRIES * (RESTARTS + 2) * (PATIENCE_S + 60)),
]


class LeftOpen(Exception):
    """Kafka has left a transaction open for good, so readers stand still (docs/sinks.md)."""


def stays_open(bootstrap):
    """Whether a transaction on the results is open, though those of runners last for moments."""
    ends = []
    for level in ("read_committed", "read_uncommitted"):
        asking = {"bootstrap.servers": bootstrap, "group.id": "none", "isolation.level": level}
        consumer = Consumer(asking)
        places = [TopicPartition("out", number) for number in range(2)]
        ends.append([consumer.get_watermark_offsets(place, timeout=10)[1] for place in places])
        consumer.close()
    return ends[0] != ends[1]


def test_each_result_is_there_once(tmp_path):
    try:
        check_tools()
    except ToolsMissingError as missing:
        pytest.skip(f"no real Apache Kafka here: {missing}")
    for number in range(TRIES):
        try:
            outage(tmp_path / str(number))
        except LeftOpen:
            continue  # a fault of Kafka's own says nothing about ours
        else:
            return
    pytest.fail(f"Kafka has left a transaction open for good, {TRIES} times (docs/sinks.md)")


def outage(folder):
    """Kill a broker of this test alone, and count the results.

    It looks for transactions whose time is over as seldom as Kafka does by itself. If it does so
    while it starts, its partitions may have no leader yet: that is how one can stay open.
    """
    with KafkaBroker(folder / "kafka", jvm=QUICK_JVM) as broker:
        topics = [NewTopic("numbers", num_partitions=3), NewTopic("out", num_partitions=2)]
        admin = AdminClient({"bootstrap.servers": broker.bootstrap})
        for made in admin.create_topics(topics).values():
            made.result(30)
        produce(broker.bootstrap, "numbers", range(RECORDS))
        with closing(Results(broker.bootstrap, "out", 2)) as reader:
            run_through(broker, reader, folder / "log", folder / "notes")
            reader.read(3.0)  # what is twice may come late
            assert reader.count() == (RECORDS, RECORDS)


def run_through(broker, reader, log, notes):
    """Have two runners write all results, while the broker is killed."""
    notes.touch()
    runners = start_runner(
        *("tests.support.workers.rows", broker.bootstrap, "numbers", "--processes", "2"),
        *("--sink-url", "kafka:///out?transactional=1", "--batch-size", "20"),
        environ={"NOTES": str(notes)},
        log=log,
    )

    def until(count):
        deadline = time.monotonic() + PATIENCE_S
        while reader.count()[0] < count:
            if time.monotonic() > deadline:
                if stays_open(broker.bootstrap):
                    raise LeftOpen
                pytest.fail(log.read_text()[-3000:])

    try:
        for restart in range(1, RESTARTS + 1):
            until(restart * RECORDS // (RESTARTS + 2))
            broker.kill()
            broker.start()
        until(RECORDS)
        runners.terminate()
        assert runners.wait(60) == 0
    finally:
        runners.kill()
        runners.wait()
