"""A record that always fails, among thousands that do not, as a user meets it: one command."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.kafka.broker import ordered_producer
from tests.support.served import serve

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
    told = {"HEADRACE_SINK_URL": f"file:{tmp_path}/results", **WAYS[way]}
    run(tmp_path, "orders", kafka, orders, **told)
    check(tmp_path, twice="event" in way)


@pytest.mark.parametrize("factor", ["1", "10"])
def test_so_it_is_if_the_worker_is_served_elsewhere(factor, kafka, orders, tmp_path):
    """GIVEN HEADRACE_FUNCTION, and partial responses on both sides."""
    (tmp_path / "orders.py").write_text(WORKER)
    both = {"HEADRACE_REPORT_BATCH_ITEM_FAILURES": "true", "PYTHONPATH": str(ROOT)}
    sink = {"HEADRACE_SINK_URL": f"file:{tmp_path}/results"}
    served = serve(tmp_path, "orders", "--invocations", "true", cwd=tmp_path, **both, **sink)
    with served as server:
        told = {"HEADRACE_FUNCTION": server.url, "HEADRACE_PARALLELIZATION_FACTOR": factor}
        run(tmp_path, f"--group={orders}", kafka, orders, **both, **told)
    check(tmp_path, twice=True)


def run(folder, worker, kafka, topic, **told):
    """Run the worker by the command until all is done."""
    letters = {"HEADRACE_DEAD_LETTER_URL": f"file:{folder}/letters"}
    command = [sys.executable, "-m", "headrace", "run", worker, "--kafka", kafka.bootstrap]
    ended = subprocess.run(
        [*command, "--topic", topic, "--stop-when-idle", "1"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **letters, **told},
        timeout=60,
        check=False,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "Connection pool is full" not in ended.stdout


def check(folder, *, twice):
    """Hold what was written against what is right.

    Args:
        folder: where the results and the letters are.
        twice: a partial response says where delivery resumes: what lies behind the failed order in
            its batch comes once more.
    """
    lines = (folder / "results").read_text().splitlines()
    found = [json.loads(line)["value"]["id"] for line in lines]
    assert sorted(set(found)) == [number for number in range(COUNT) if number != 10]
    assert len(found) < COUNT + (100 if twice else 0)
    (dead,) = (folder / "letters").read_text().splitlines()
    failure = json.loads(dead)["value"]
    assert failure["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert failure["KafkaBatchInfo"]["recordInfo"]["offset"] == "10"
