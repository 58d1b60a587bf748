"""The broker is killed, and runners live on: whoever reads what is committed sees all once.

CHAOS_RECORDS and CHAOS_RESTARTS say how many records there are, and how often the broker is killed:
`make chaos` does it often.
"""

import os
import time

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

pytestmark = [pytest.mark.kafka, pytest.mark.slow(seconds=30)]

RESTARTS = int(os.environ.get("CHAOS_RESTARTS", "1"))


@pytest.fixture
def lone_broker(tmp_path):
    """A broker of this test alone.

    It looks for transactions whose time is over as seldom as Kafka does by itself. If it does so
    while it starts, its partitions may have no leader yet (docs/sinks.md, a fault of Kafka's own).
    """
    try:
        check_tools()
    except ToolsMissingError as missing:
        pytest.skip(f"no real Apache Kafka here: {missing}")
    with KafkaBroker(tmp_path / "kafka", jvm=QUICK_JVM) as broker:
        yield broker


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


def test_each_result_is_there_once(lone_broker, tmp_path):
    bootstrap = lone_broker.bootstrap
    topics = [NewTopic("numbers", num_partitions=3), NewTopic("out", num_partitions=2)]
    admin = AdminClient({"bootstrap.servers": bootstrap})
    for made in admin.create_topics(topics).values():
        made.result(30)
    produce(bootstrap, "numbers", range(RECORDS))
    reader, log, notes = Results(bootstrap, "out", 2), tmp_path / "log", tmp_path / "notes"
    notes.touch()
    runners = start_runner(
        *("tests.support.workers.rows", bootstrap, "numbers", "--processes", "2"),
        *("--sink-url", "kafka:///out?transactional=1", "--batch-size", "20"),
        environ={"NOTES": str(notes)},
        log=log,
    )

    def until(count):
        deadline = time.monotonic() + PATIENCE_S
        while reader.count()[0] < count:
            if time.monotonic() > deadline:
                if stays_open(bootstrap):
                    pytest.skip("Kafka has left a transaction open for good (docs/sinks.md)")
                pytest.fail(log.read_text()[-3000:])

    try:
        for restart in range(1, RESTARTS + 1):
            until(restart * RECORDS // (RESTARTS + 2))
            lone_broker.kill()
            lone_broker.start()
        until(RECORDS)
        runners.terminate()
        assert runners.wait(60) == 0
    finally:
        runners.kill()
        runners.wait()
    reader.read(3.0)  # what is twice may come late
    assert reader.count() == (RECORDS, RECORDS)
    reader.close()
