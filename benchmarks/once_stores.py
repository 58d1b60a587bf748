"""The stores of `once`: a table of the stand-in, a real Redis, and the way to it."""

import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3

from benchmarks.process import OURS
from headrace.testing.brokers.process import Service, free_ports, is_free


def dynamodb(endpoint: str) -> Any:
    """A client of the stand-in."""
    return boto3.client("dynamodb", endpoint_url=endpoint, region_name="eu-west-1")


def new_table(endpoint: str) -> str:
    """Create a table, and return its name."""
    name = f"once-{uuid.uuid4().hex[:8]}"
    dynamodb(endpoint).create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return name


@contextmanager
def redis() -> Iterator[int]:
    """A server of its own; its port."""
    port = free_ports()
    with tempfile.TemporaryDirectory() as folder:
        command = ["redis-server", "--port", str(port), "--dir", folder, "--save", ""]
        with _listening(command, Path(folder, "log"), port):
            yield port


@contextmanager
def slow_network(server: int) -> Iterator[int]:
    """A way to the server over which everything takes a millisecond."""
    port = free_ports()
    with tempfile.TemporaryDirectory() as folder:
        command = [OURS, "-m", "benchmarks.peers.slow_network", str(port), str(server)]
        with _listening(command, Path(folder, "log"), port):
            yield port


@contextmanager
def _listening(command: list[str], log: Path, port: int) -> Iterator[None]:
    service = Service(command, log)
    try:
        service.wait_until(lambda: not is_free(port), 30)
        yield
    finally:
        service.kill()
