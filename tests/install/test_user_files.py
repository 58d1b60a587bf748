"""A user's worker in files of any name: on Kafka, over HTTP, and by hand."""

import json
import urllib.request

import pytest

from headrace.sinks import lines
from headrace.testing.mock_cluster import embedded_kafka

pytestmark = pytest.mark.slow(seconds=3)  # environments are made

WORKER = """
from headrace import Record, Reject, Worker, lambda_handler
from {helper} import factor

class Orders(Worker):
    def process(self, record: Record) -> dict[str, object]:
        order = record.json()
        if order["amount"] < 0:
            raise Reject("amount is negative")
        return {{"id": order["id"], "amount": factor * order["amount"]}}

handler = lambda_handler(Orders)
"""
NAMES = [  # of the worker's file, and of one that it imports
    ("handler", "settings"),
    ("consumer", "models.prices"),
    ("batch", "record"),
    ("models.orders", "workers.prices"),
    ("workers.orders", "models.prices"),
    ("queue", "worker"),
]


@pytest.fixture(scope="module")
def kafka():
    topics = {f"{name}-{run}": 2 for name, _ in NAMES for run in ("here", "child")}
    with embedded_kafka(topics) as bootstrap:
        yield bootstrap


@pytest.fixture(params=NAMES, ids=lambda names: names[0])
def project(request, tmp_path):
    """A folder with a worker, and the worker's name."""
    worker, helper = request.param
    write(tmp_path, worker, WORKER.format(helper=helper))
    write(tmp_path, helper, "factor = 3")
    return tmp_path, worker


def write(folder, name, text):
    path = folder.joinpath(*name.split(".")).with_suffix(".py")
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)


def orders(*numbers):
    return "".join(f'{{"id": {number}, "amount": {number}}}\n' for number in numbers)


def values(path):
    return [json.loads(lines.decode(line).value) for line in path.read_bytes().splitlines()]


@pytest.mark.parametrize("flags", [(), ("--function-timeout-seconds", "60")], ids=len)
def test_it_runs_on_kafka(environment, project, kafka, flags):
    """In this process, and in a child that can be ended."""
    installed, (folder, worker) = environment("kafka"), project
    topic = f"{worker}-{'child' if flags else 'here'}"
    to = f"kafka://{kafka}/{topic}"
    produced = installed.headrace(
        *("produce", "--to", to, "--file", "-"), at=folder, stdin=orders(*range(19), -1)
    )
    assert produced.stdout == f"produced 20 messages to {to}\n", produced.stderr

    # A group of its own: the embedded Kafka forms one again only after its session has run out.
    source = ("--kafka", kafka, "--topic", topic, "--group", topic)
    sinks = ("--sink-url", "file:results.jsonl", "--dead-letter-url", "file:dead.jsonl")
    limits = ("--max-records", "20", "--stop-when-idle", "30")
    done = installed.headrace("run", worker, *source, *sinks, *limits, *flags, at=folder)
    assert done.returncode == 0, done.stderr
    results = {result["id"]: result["amount"] for result in values(folder / "results.jsonl")}
    assert results == {number: 3 * number for number in range(19)}
    listed = installed.headrace("dead-letters", "list", "file:dead.jsonl", at=folder)
    assert "amount is negative" in listed.stdout


def test_it_is_invoked(environment, project):
    installed, (folder, worker) = environment(""), project
    done = installed.headrace("invoke", worker, "--event", "-", at=folder, stdin=orders(7))
    assert json.loads(done.stdout) == {"id": 7, "amount": 21}, done.stderr


def test_it_is_served(environment, project):
    installed, (folder, worker) = environment("serve"), project
    with installed.serving(worker, at=folder) as port:
        request = urllib.request.Request(f"http://127.0.0.1:{port}/", orders(5).encode())
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert json.load(answer) == {"id": 5, "amount": 15}
