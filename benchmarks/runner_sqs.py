"""`runner-sqs`: messages a second from a queue, beside a bare loop and what people use for queues.

All handle the same 1 kB JSON messages, at least once, in a process of their own, from ElasticMQ on
the same machine. Where the server is what limits them all, the processor time tells them apart.
"""

import os
import tempfile
import uuid
from collections.abc import Sequence
from pathlib import Path

import boto3
import orjson

from benchmarks.measurement import Measurement, more_is_better
from benchmarks.process import OURS, ROOT, figures, finish
from benchmarks.streams import HANDLER, cost, median, message
from headrace.testing.brokers.elasticmq import ElasticMq

MESSAGES = 1_000
RUNS = 3
_QUEUES = str(ROOT / ".venv-bench-queues" / "bin" / "python")
_OURS = "headrace"
_BODY = orjson.dumps(message(0)).decode()
_PEERS: dict[str, Sequence[str]] = {
    "bare boto3 loop": (OURS, "-m", "benchmarks.peers.queue_bare"),
    "taskiq-aio-sqs": (_QUEUES, "-m", "benchmarks.peers.queue_taskiq"),
    "dramatiq-sqs": (_QUEUES, "-m", "benchmarks.peers.queue_dramatiq"),
    "Celery": (_QUEUES, "-m", "benchmarks.peers.queue_celery"),
}


def run() -> list[Measurement]:
    """Start a server; let all work by turns, each on a queue of its own that was filled before."""
    with tempfile.TemporaryDirectory() as folder, ElasticMq(Path(folder)) as server:
        taken: dict[str, list[dict[str, float]]] = {name: [] for name in (_OURS, *_PEERS)}
        for _ in range(RUNS + 1):
            for name, runs in taken.items():
                runs.append(_turn(name, server.endpoint))
    runs_of = {name: runs[1:] for name, runs in taken.items()}  # the first one warms the server
    return [_beside(name, runs_of[_OURS], runs_of[name]) for name in _PEERS]


def _turn(name: str, endpoint: str) -> dict[str, float]:
    queue = f"orders-{uuid.uuid4().hex[:8]}"
    environ = {
        **os.environ,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ENDPOINT_URL": endpoint,
        "QUEUE_NAME": queue,
        "QUEUE_BODY": _BODY,
        "STREAM_RECORDS": str(MESSAGES),
    }
    client = boto3.client(
        "sqs",
        endpoint_url=endpoint,
        region_name="eu-west-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )
    environ["QUEUE_URL"] = client.create_queue(QueueName=queue)["QueueUrl"]
    if name in (_OURS, "bare boto3 loop"):
        _fill(client, environ["QUEUE_URL"])
        ours = (OURS, "-m", "headrace", "run", HANDLER, "--sqs", queue, "--log-level", "WARNING")
        command = _PEERS.get(name, (*ours, "--max-records", str(MESSAGES)))
        return figures(command, environ)
    finish([*_PEERS[name], "fill"], environ)
    return figures([*_PEERS[name], "work"], environ)


def _fill(client: "boto3.client", url: str) -> None:  # type: ignore[valid-type]
    entries = [{"Id": str(number), "MessageBody": _BODY} for number in range(10)]
    for _ in range(MESSAGES // 10):
        client.send_message_batch(QueueUrl=url, Entries=entries)  # type: ignore[attr-defined]


def _beside(name: str, ours: list[dict[str, float]], peer: list[dict[str, float]]) -> Measurement:
    return more_is_better(
        f"runner-sqs: {name}",
        "messages/s",
        MESSAGES / median(ours, "wall"),
        MESSAGES / median(peer, "wall"),
        name,
        RUNS,
        f"{MESSAGES} messages of 1 kB from ElasticMQ; processor time"
        f" {cost(ours, MESSAGES):.0f} and {cost(peer, MESSAGES):.0f} µs a message",
    )
