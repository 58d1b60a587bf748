"""`sink-postgres`: records a second from a real Kafka into a table, beside COPY and row inserts.

All decode the same JSON records of 200 bytes and write in transactions of 1,000 rows. Ours notes in
each which records it holds, so that none is written twice; the others do not. Time runs from the
first row that the server makes until the last.
"""

import os
import subprocess
import tempfile
import uuid
from collections.abc import Sequence
from pathlib import Path

import orjson
from confluent_kafka import Producer

from benchmarks.measurement import Measurement, more_is_better
from benchmarks.process import OURS, ROOT
from benchmarks.streams import environ, make_topic, ours
from headrace import Record, Worker, lambda_handler
from headrace.testing.brokers.apache_kafka import KafkaBroker
from tests.support.postgres import Postgres, running

RECORDS = 1_000_000
PARTITIONS = 4
RUNS = 5
_TABLE = """
DROP TABLE IF EXISTS orders, headrace_offsets, headrace_ids;
CREATE TABLE orders (id bigint PRIMARY KEY, customer text, amount numeric(12, 2), note text,
    at timestamptz, written timestamptz DEFAULT clock_timestamp())"""
_SECONDS = "SELECT count(*), extract(epoch FROM max(written) - min(written)) FROM orders"


class Rows(Worker):
    """Decodes a record; its fields are the row."""

    def process(self, record: Record) -> object:
        """Return the row."""
        return record.json()


handler = lambda_handler(Rows)


def run() -> list[Measurement]:
    """Start both servers, fill a topic, let all write it by turns."""
    with (
        tempfile.TemporaryDirectory() as folder,
        KafkaBroker(Path(folder)) as broker,
        running() as server,
    ):
        topic = make_topic(broker.bootstrap, PARTITIONS)
        _produce(broker.bootstrap, topic)
        url = server.url("postgres", "orders")
        columns = "&columns=id,customer,amount,note,at"
        flags = ("--batch-size", "1000", "--function-concurrency", "4", "--sink-url")
        mine = [ours(broker.bootstrap, topic, RECORDS, *flags, sink, handler=f"{__name__}:handler")
                for sink in (url + columns, url + columns + "&key=id")]  # fmt: skip
        contestants: dict[str, Sequence[str]] = {
            "ours": mine[0],
            "ours, upsert": mine[1],
            "bare COPY loop": [OURS, "-m", "benchmarks.peers.rows", "copy"],
            "executemany inserts": [OURS, "-m", "benchmarks.peers.rows", "insert"],
        }
        seconds = _race(contestants, server, broker.bootstrap, topic)
    return [
        _beside(name, seconds[mode], seconds[peer], peer)
        for name, mode in (("append", "ours"), ("upsert", "ours, upsert"))
        for peer in list(contestants)[2:]
    ]


def _race(
    contestants: dict[str, Sequence[str]], server: Postgres, bootstrap: str, topic: str
) -> dict[str, float]:
    taken: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(RUNS):
        for name, command in contestants.items():
            with server.connect() as connection:
                connection.execute(_TABLE)
                address = f"postgresql://headrace@127.0.0.1:{server.port}/postgres"
                variables = {**os.environ, **environ(bootstrap, topic, RECORDS)}
                subprocess.run(
                    command, cwd=ROOT, env=variables | {"ROWS_SERVER": address}, check=True
                )
                count, seconds = connection.execute(_SECONDS).fetchone() or (0, 0)
            if count != RECORDS:
                raise RuntimeError(f"{name} wrote {count} rows of {RECORDS}")
            taken[name].append(float(seconds))
    return {name: sorted(times)[len(times) // 2] for name, times in taken.items()}


def _beside(name: str, mine: float, peer: float, peer_name: str) -> Measurement:
    return more_is_better(
        f"sink-postgres: {name}, {peer_name}",
        "rows/s",
        RECORDS / mine,
        RECORDS / peer,
        peer_name,
        RUNS,
        f"{RECORDS} rows of 200 B, {PARTITIONS} partitions, 1,000 a transaction",
    )


def _produce(bootstrap: str, topic: str) -> None:
    producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 50})
    for number in range(RECORDS):
        order = {
            "id": number,
            "customer": f"customer-{number % 1000:05}",
            "amount": number / 4,
            "note": uuid.UUID(int=number).hex * 3,
            "at": "2026-11-28T12:00:00Z",
        }
        producer.produce(topic, orjson.dumps(order), str(number % 1000))
        if number % 1000 == 0:
            producer.poll(0)
            producer.flush()
    producer.flush()
