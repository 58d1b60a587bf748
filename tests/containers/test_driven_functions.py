"""The runner drives a function in a container, over the runtime interface, from a real Kafka."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from confluent_kafka import Consumer, TopicPartition

from headrace.dead_letters import reading
from tests.support.containers.container import Function
from tests.support.kafka.broker import ordered_producer
from tests.support.models.tumor import EVENT, publish

pytestmark = [
    pytest.mark.containers,
    pytest.mark.kafka,
    pytest.mark.timeout(1200),  # the first one builds
]

ROOT = Path(__file__).parents[2]
RECORDS = 10_000
PARTITIONS = 4
POISON = b'{"radius_mean": "not a number"}'


def is_poison(number):
    return number % 100 == 37


def test_ten_thousand_records_one_in_a_hundred_poison(images, kafka, topic, models):
    """THEN each good one has its prediction, each poison one its dead letter, all is committed."""
    source, predictions, rejected = topic(PARTITIONS), topic(1), topic(1)
    produce(kafka.bootstrap, source)
    publish(models)
    environ = {
        "HEADRACE_SINK_URL": f"kafka://{kafka.bootstrap}/{predictions}",
        "HEADRACE_DEAD_LETTER_URL": f"kafka://{kafka.bootstrap}/{rejected}",
        "HEADRACE_REPORT_BATCH_ITEM_FAILURES": "true",
    }
    handler = "workers.tumor_classifier.handler"
    with Function(images, "classifier", handler, models=models, environ=environ) as function:
        run(function.port, kafka.bootstrap, source)
    poison = {number for number in range(RECORDS) if is_poison(number)}
    answers = everything(kafka.bootstrap, predictions)
    letters = [reading.decode(m.value()) for m in everything(kafka.bootstrap, rejected)]
    assert {int(message.key()) for message in answers} == set(range(RECORDS)) - poison
    assert {json.loads(message.value())["result"] for message in answers} == {"B"}
    assert {int(letter.key) for letter in letters} == poison
    assert all(letter.value == POISON for letter in letters)
    assert committed(kafka.bootstrap, source) == RECORDS


def run(port, bootstrap, source):
    command = [sys.executable, "-m", "headrace", "run", "--function", f"http://127.0.0.1:{port}"]
    command += ["--kafka", bootstrap, "--topic", source, "--group", group(source)]
    command += ["--report-batch-item-failures", "true", "--max-records", str(RECORDS)]
    subprocess.run(command, cwd=ROOT, check=True, timeout=600)


def group(source):
    return f"{source}-driver"


def committed(bootstrap, source):
    """How many records are behind the group's committed positions."""
    reader = Consumer({"bootstrap.servers": bootstrap, "group.id": group(source)})
    partitions = [TopicPartition(source, number) for number in range(PARTITIONS)]
    positions = reader.committed(partitions, 30)
    reader.close()
    return sum(position.offset for position in positions)


def produce(bootstrap, source):
    good = json.dumps(EVENT).encode()
    producer = ordered_producer(bootstrap)
    for number in range(RECORDS):
        producer.produce(source, POISON if is_poison(number) else good, str(number))
    assert producer.flush(60) == 0


def everything(bootstrap, name):
    """All messages of a topic with one partition."""
    reader = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": f"{name}-check",
            "auto.offset.reset": "earliest",
            "enable.partition.eof": True,
        }
    )
    reader.subscribe([name])
    messages = []
    while (message := reader.poll(30)) is not None and message.error() is None:
        messages.append(message)
    reader.close()
    return messages
