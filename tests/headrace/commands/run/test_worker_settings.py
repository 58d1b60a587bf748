"""What a run is told about its worker reaches it, wherever it was told."""

import json
import os
import subprocess
import sys

import pytest
from confluent_kafka import Consumer, Producer

from headrace.commands.run.handler import load_handler
from headrace.commands.run.layers import plan_run
from headrace.errors import SettingsError
from headrace.sinks import lines
from headrace.testing.mock_cluster import embedded_kafka
from tests.support.run import parse

WORKER = """
from headrace import Reject, Worker, lambda_handler

class Odd(Worker):
    def process(self, record):
        if record.json() % 2 == 0:
            raise Reject("even")
        return record.json()

handler = lambda_handler(Odd)

def plain(event, context):
    return None
"""
FLAGS = {
    "--sink-url": "stdout:",
    "--dead-letter-url": "file:dead.jsonl",
    "--worker-concurrency": "3",
    "--deadline-reserve-seconds": "0.5",
    "--log-level": "error",
    "--emf-metrics": "true",
    "--report-batch-item-failures": "true",
}
KAFKA = ("--kafka", "h:1", "--topic", "t")


@pytest.fixture
def worker(tmp_path, monkeypatch, own_environment):
    """The folder of a worker, in which the test works."""
    (tmp_path / "odd_worker.py").write_text(WORKER)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path.copy())
    monkeypatch.delitem(sys.modules, "odd_worker", raising=False)
    return tmp_path


def settings_of(*flags):
    handler = load_handler(plan_run(parse("odd_worker", *KAFKA, *flags)))
    return handler.worker().settings


def test_the_worker_is_told_by_flags(worker):
    settings = settings_of(*(part for pair in FLAGS.items() for part in pair))

    assert (settings.sink_url, settings.dead_letter_url) == ("stdout:", "file:dead.jsonl")
    assert (settings.worker_concurrency, settings.deadline_reserve_seconds) == (3, 0.5)
    assert (settings.log_level, settings.emf_metrics) == ("ERROR", True)
    assert settings.report_batch_item_failures is True


def test_a_flag_comes_before_its_variable(worker, monkeypatch):
    monkeypatch.setenv("HEADRACE_WORKER_CONCURRENCY", "9")

    assert settings_of("--worker-concurrency", "3").worker_concurrency == 3


def test_a_plain_function_has_no_settings_of_a_worker(worker):
    plan = plan_run(parse("--handler", "odd_worker:plain", *KAFKA, "--sink-url", "stdout:"))

    with pytest.raises(SettingsError, match="--sink-url is for a worker, but odd_worker:plain is"):
        load_handler(plan)


@pytest.mark.parametrize("more", [(), ("--function-timeout-seconds", "10")])
def test_results_and_rejects_go_where_flags_say(worker, more):
    with embedded_kafka({"numbers": 1}) as broker:
        producer = Producer({"bootstrap.servers": broker, "log_level": 0})
        for number in range(10):
            producer.produce("numbers", str(number), key=str(number))
        assert producer.flush(30) == 0
        done = headrace(
            *("run", "odd_worker", "--kafka", broker, "--topic", "numbers", *more),
            *("--sink-url", "file:results.jsonl", "--dead-letter-url", "file:dead.jsonl"),
            *("--max-records", "10"),
        )
    assert done.returncode == 0, done.stderr
    results = [lines.decode(line) for line in (worker / "results.jsonl").read_bytes().splitlines()]
    assert sorted(json.loads(result.value) for result in results) == [1, 3, 5, 7, 9]
    assert len((worker / "dead.jsonl").read_bytes().splitlines()) == 5


def headrace(*arguments):
    environment = {n: value for n, value in os.environ.items() if not n.startswith("HEADRACE_")}
    return subprocess.run(
        [sys.executable, "-m", "headrace", *arguments],
        env=environment | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("more", [(), ("--function-timeout-seconds", "10")])
def test_a_sink_without_hosts_takes_the_brokers_that_a_flag_names(worker, more):
    with embedded_kafka({"numbers": 1, "results": 1}) as broker:
        producer = Producer({"bootstrap.servers": broker, "log_level": 0})
        producer.produce("numbers", "7")
        assert producer.flush(30) == 0
        done = headrace(
            *("run", "odd_worker", "--kafka", broker, "--topic", "numbers", "--max-records", "1"),
            *("--sink-url", "kafka:///results", *more),
        )
        assert done.returncode == 0, done.stderr
        assert values(broker, "results") == [b"7"]


def test_a_destination_without_hosts_is_in_the_cluster_that_is_read(worker):
    with embedded_kafka({"numbers": 1, "failures": 1}) as broker:
        producer = Producer({"bootstrap.servers": broker, "log_level": 0})
        producer.produce("numbers", "no number")
        assert producer.flush(30) == 0
        done = headrace(
            *("run", "odd_worker", "--kafka", broker, "--topic", "numbers", "--max-records", "1"),
            *("--on-failure-url", "kafka:///failures", "--maximum-retry-attempts", "0"),
        )
        assert done.returncode == 0, done.stderr
        (failure,) = values(broker, "failures")
        assert json.loads(failure)["requestContext"]["condition"] == "RetryAttemptsExhausted"


def values(broker, topic):
    settings = {"bootstrap.servers": broker, "group.id": "g", "auto.offset.reset": "earliest"}
    consumer = Consumer(settings)
    consumer.subscribe([topic])
    try:
        return [message.value() for message in consumer.consume(1, 30)]
    finally:
        consumer.close()


def test_a_run_writes_no_variable_but_those_of_the_function(worker):
    before = dict(os.environ)
    settings_of(*(part for pair in FLAGS.items() for part in pair))

    assert dict(os.environ) == before
