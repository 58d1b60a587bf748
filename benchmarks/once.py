"""`once`: what it costs to process each key once, beside Powertools' idempotency, in DynamoDB.

Both use one table of a stand-in for the service (moto), so the time of a call is the stand-in's.
What carries over to the service is the number of calls and the processor time of the process.
"""

import os
import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import boto3
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)

from benchmarks.measurement import Measurement, less_is_better
from headrace import Record, Worker, once
from headrace.record import KafkaPosition
from headrace.testing.moto_server import aws_environment, embedded_kinesis
from headrace.worker import WorkerSettings
from headrace.worker_host import WorkerHost

RECORDS = 200
BATCH = 100
RUNS = 3


class Payments(Worker):
    """Does nothing, once for each key."""

    @once(key="id")
    def process(self, record: Record) -> object:
        """Return the value."""
        return record.json()


class Counted:
    """How many calls the process makes, its processor time, and the time it takes."""

    def __init__(self) -> None:
        self.calls = 0

    def measure(self, act: Callable[[], object]) -> tuple[float, float, float]:
        """Calls, µs of processor time and ms, each a record."""
        before, begun, used = self.calls, time.perf_counter(), time.process_time()
        act()
        seconds, processor = time.perf_counter() - begun, time.process_time() - used
        return (
            (self.calls - before) / RECORDS,
            processor / RECORDS * 1e6,
            seconds / RECORDS * 1e3,
        )

    def watch(self, client: Any) -> None:
        """Count the calls of a client."""

        def count(**_: object) -> None:
            self.calls += 1

        client.meta.events.register("before-send.dynamodb.*", count)


def run() -> list[Measurement]:
    """Start the stand-in, process new keys with each, by turns."""
    with embedded_kinesis() as endpoint:
        os.environ.update(aws_environment(endpoint))
        counted = Counted()
        taken: dict[str, list[tuple[float, float, float]]] = {"ours": [], "peer": []}
        for turn in range(RUNS + 1):
            for name, make in (("ours", _ours), ("peer", _powertools)):
                # A new table each time: the stand-in copies all of it for each transaction.
                process, records = make(endpoint, _table(endpoint), counted), _records()
                figures = counted.measure(lambda act=process, r=records: act(r))  # type: ignore[misc]
                if turn:
                    taken[name].append(figures)
    return [
        less_is_better(
            f"once: {what}",
            unit,
            sorted(figures[place] for figures in taken["ours"])[RUNS // 2],
            sorted(figures[place] for figures in taken["peer"])[RUNS // 2],
            "Powertools idempotency",
            RUNS,
            f"{RECORDS} records with new keys, batches of {BATCH}, DynamoDB by moto",
        )
        for place, (what, unit) in enumerate(
            (
                ("calls", "calls a record"),
                ("processor time", "µs a record"),
                ("time", "ms a record"),
            )
        )
    ]


def _ours(endpoint: str, table: str, counted: Counted) -> Callable[[Sequence[Record]], None]:
    url = f"dynamodb://{table}?endpoint={endpoint}&region=eu-west-1&timeout=120"
    host = WorkerHost.open(Payments, WorkerSettings(once_store=url))
    runner = host._once
    counted.watch(runner._store._client)  # type: ignore[union-attr]

    def process(records: Sequence[Record]) -> None:
        for first in range(0, RECORDS, BATCH):
            outcomes = host.run(records[first : first + BATCH])
            if outcomes.failures:
                raise RuntimeError(str(outcomes.errors()[:1]))

    return process


def _powertools(endpoint: str, table: str, counted: Counted) -> Callable[[Sequence[Record]], None]:
    client = _client(endpoint)
    counted.watch(client)
    layer = DynamoDBPersistenceLayer(table_name=table, boto3_client=client)
    config = IdempotencyConfig(event_key_jmespath="id")

    @idempotent_function(data_keyword_argument="order", persistence_store=layer, config=config)  # type: ignore[untyped-decorator]
    def handle(*, order: dict[str, object]) -> dict[str, object]:
        return order

    def process(records: Sequence[Record]) -> None:
        for record in records:
            handle(order=record.json())

    return process


def _records() -> list[Record]:
    return [
        Record("kafka", KafkaPosition("t", 0, n), b'{"id": "%s"}' % uuid.uuid4().hex.encode())
        for n in range(RECORDS)
    ]


def _client(endpoint: str) -> Any:
    return boto3.client("dynamodb", endpoint_url=endpoint, region_name="eu-west-1")


def _table(endpoint: str) -> str:
    name = f"once-{uuid.uuid4().hex[:8]}"
    _client(endpoint).create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return name
