"""A record that always fails, among thousands that do not, as a user meets it: one command."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.kafka.broker import ordered_producer

pytestmark = pytest.mark.kafka

ROOT = Path(__file__).parents[2]
COUNT = 5_000
WORKER = """
from headrace import Worker, lambda_handler

class Orders(Worker):
    def process(self, record):
        order = record.json()
        if order["id"] == 10:
            raise KeyError("customer")
        return {"id": order["id"]}

handler = lambda_handler(Orders)
"""
WAYS = {
    "by the defaults": {},
    "several keys at once": {"HEADRACE_WORKER_CONCURRENCY": "4"},
    "several batches at once": {"HEADRACE_PARALLELIZATION_FACTOR": "3"},
    "many batches at once": {"HEADRACE_PARALLELIZATION_FACTOR": "10"},
    "by event, with partial responses": {
        "HEADRACE_INVOKE": "event",
        "HEADRACE_REPORT_BATCH_ITEM_FAILURES": "true",
    },
}


@pytest.fixture
def orders(kafka, topic):
    """A topic of 5,000 orders with keys that all differ."""
    name = topic(1)
    producer = ordered_producer(kafka.bootstrap)
    for number in range(COUNT):
        producer.produce(name, b'{"id": %d}' % number, b"order-%d" % number)
    assert producer.flush(30) == 0
    return name


@pytest.mark.parametrize("way", WAYS)
def test_one_order_that_always_fails_is_one_dead_letter_and_harms_no_other(
    way, kafka, orders, tmp_path
):
    (tmp_path / "orders.py").write_text(WORKER)
    results, letters = tmp_path / "results", tmp_path / "letters"
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "HEADRACE_SINK_URL": f"file:{results}",
        "HEADRACE_DEAD_LETTER_URL": f"file:{letters}",
        **WAYS[way],
    }
    command = [sys.executable, "-m", "headrace", "run", "orders", "--kafka", kafka.bootstrap]
    ended = subprocess.run(
        [*command, "--topic", orders, "--stop-when-idle", "1"],
        cwd=tmp_path,
        env=environment,
        timeout=60,
        check=False,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    found = [json.loads(line)["value"]["id"] for line in results.read_text().splitlines()]
    assert sorted(set(found)) == [number for number in range(COUNT) if number != 10]
    # A partial response says where delivery resumes: the rest of that batch comes once more.
    assert len(found) < COUNT + (100 if "event" in way else 0)
    (dead,) = letters.read_text().splitlines()
    failure = json.loads(dead)["value"]
    assert failure["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert failure["KafkaBatchInfo"]["recordInfo"]["offset"] == "10"
