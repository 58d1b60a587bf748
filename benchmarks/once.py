"""`once`: what it costs to process each key once, beside Powertools' idempotency.

In DynamoDB, both use one table of a stand-in for the service (moto), so the time of a call is the
stand-in's. What carries over to the service is the number of calls and the processor time of the
process. In Redis, the server is a real one, beside them and a millisecond away.
"""

import os
import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any

from aws_lambda_powertools.utilities.idempotency import (
    BasePersistenceLayer,
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.idempotency.persistence.cache import CachePersistenceLayer
from redis import Redis

from benchmarks.measurement import Measurement, less_is_better
from benchmarks.once_stores import dynamodb, new_table, redis, slow_network
from headrace import Record, Worker, once
from headrace.record import KafkaPosition
from headrace.testing.moto_server import aws_environment, embedded_kinesis
from headrace.worker import WorkerSettings
from headrace.worker_host import WorkerHost

BATCH = 100
RUNS = 5
REDIS = "a real Redis; network: a millisecond away, each way"

Process = Callable[[Sequence[Record]], None]
Taken = dict[str, list[tuple[float, float, float]]]


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

    def measure(self, act: Callable[[], object], records: int) -> tuple[float, float, float]:
        """Calls, µs of processor time and µs, each a record."""
        before, begun, used = self.calls, time.perf_counter(), time.process_time()
        act()
        seconds, processor = time.perf_counter() - begun, time.process_time() - used
        return (
            (self.calls - before) / records,
            processor / records * 1e6,
            seconds / records * 1e6,
        )

    def watch(self, client: Any) -> None:
        """Count the calls of a client."""

        def count(**_: object) -> None:
            self.calls += 1

        client.meta.events.register("before-send.dynamodb.*", count)


def run() -> list[Measurement]:
    """Process new keys with each, by turns, in one store and then in the other."""
    return [*_in_dynamodb(), *_in_redis()]


def _in_dynamodb() -> list[Measurement]:
    with embedded_kinesis() as endpoint:
        os.environ.update(aws_environment(endpoint))
        counted = Counted()

        def make(name: str) -> Process:
            # A new table each time: the stand-in copies all of it for each transaction.
            table = new_table(endpoint)
            if name == "peer":
                return _powertools(_powertools_table(endpoint, table, counted))
            url = f"dynamodb://{table}?endpoint={endpoint}&region=eu-west-1&timeout=120"
            host = WorkerHost.open(Payments, WorkerSettings(once_store=url))
            counted.watch(host._once._store._client)  # type: ignore[union-attr]
            return _ours(host)

        taken = _by_turns(counted, make, 200)
    return [
        _measurement("once: calls", "calls a record", taken, 0, "DynamoDB by moto"),
        _measurement("once: processor time", "µs a record", taken, 1, "DynamoDB by moto"),
        _measurement("once: time", "µs a record", taken, 2, "DynamoDB by moto"),
    ]


def _in_redis() -> list[Measurement]:
    found = []
    with redis() as port, slow_network(port) as slow:
        for name, where, records in (("once-redis", port, 2000), ("once-redis-network", slow, 400)):
            host = WorkerHost.open(
                Payments, WorkerSettings(once_store=f"redis://127.0.0.1:{where}/0")
            )
            client: Any = Redis(port=where, decode_responses=True)
            layer = CachePersistenceLayer(client=client)
            made = {"ours": _ours(host), "peer": _powertools(layer)}
            taken = _by_turns(Counted(), made.__getitem__, records)
            found.append(_measurement(f"{name}: processor time", "µs a record", taken, 1, REDIS))
            found.append(_measurement(f"{name}: time", "µs a record", taken, 2, REDIS))
    return found


def _by_turns(counted: Counted, make: Callable[[str], Process], records: int) -> Taken:
    """Measure both, each with new keys; the first turn warms up."""
    taken: Taken = {"ours": [], "peer": []}
    for turn in range(RUNS + 1):
        for name, figures in taken.items():
            process, given = make(name), _records(records)
            found = counted.measure(lambda act=process, given=given: act(given), records)  # type: ignore[misc]
            if turn:
                figures.append(found)
    return taken


def _measurement(what: str, unit: str, taken: Taken, place: int, store: str) -> Measurement:
    ours, peer = (
        sorted(figures[place] for figures in taken[name])[RUNS // 2] for name in ("ours", "peer")
    )
    note = f"records with new keys, batches of {BATCH}, {store}"
    return less_is_better(what, unit, ours, peer, "Powertools idempotency", RUNS, note)


def _ours(host: WorkerHost) -> Process:
    def process(records: Sequence[Record]) -> None:
        for first in range(0, len(records), BATCH):
            outcomes = host.run(records[first : first + BATCH])
            if outcomes.failures:
                raise RuntimeError(str(outcomes.errors()[:1]))

    return process


def _powertools(layer: BasePersistenceLayer) -> Process:
    config = IdempotencyConfig(event_key_jmespath="id")

    @idempotent_function(data_keyword_argument="order", persistence_store=layer, config=config)  # type: ignore[untyped-decorator]
    def handle(*, order: dict[str, object]) -> dict[str, object]:
        return order

    def process(records: Sequence[Record]) -> None:
        for record in records:
            handle(order=record.json())

    return process


def _powertools_table(endpoint: str, table: str, counted: Counted) -> BasePersistenceLayer:
    client = dynamodb(endpoint)
    counted.watch(client)
    return DynamoDBPersistenceLayer(table_name=table, boto3_client=client)


def _records(count: int) -> list[Record]:
    return [
        Record("kafka", KafkaPosition("t", 0, n), b'{"id": "%s"}' % uuid.uuid4().hex.encode())
        for n in range(count)
    ]
