"""What both peers of `sink-postgres` do: read the topic in chunks, write each chunk's rows.

The variables are those of the stream benchmarks; ROWS_SERVER is the address of the database. At
least once: offsets are committed after the rows.
"""

import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

import orjson
import psycopg
from confluent_kafka import Consumer

from benchmarks.peers.stream import BOOTSTRAP, GROUP, RECORDS, TOPIC

COLUMNS = ("id", "customer", "amount", "note", "at")
_CHUNK = 1000

Row = tuple[Any, ...]


def copy(connection: psycopg.Connection[Any], rows: Sequence[Row]) -> None:
    """Write rows as fast as psycopg can."""
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY orders ({', '.join(COLUMNS)}) FROM STDIN") as out,
    ):
        for row in rows:
            out.write_row(row)


def insert(connection: psycopg.Connection[Any], rows: Sequence[Row]) -> None:
    """Write rows as most do."""
    values = ", ".join(["%s"] * len(COLUMNS))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO orders ({', '.join(COLUMNS)}) VALUES ({values})", rows)


def main(write: Callable[[psycopg.Connection[Any], Sequence[Row]], None]) -> None:
    """Read and write until the last record."""
    consumer = Consumer(
        {
            "bootstrap.servers": BOOTSTRAP,
            "group.id": GROUP,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "fetch.queue.backoff.ms": "50",
        }
    )
    consumer.subscribe([TOPIC])
    done = 0
    with psycopg.connect(os.environ["ROWS_SERVER"]) as connection:
        while done < RECORDS:
            orders = []
            for message in consumer.consume(_CHUNK, 0.1):
                if error := message.error():
                    raise RuntimeError(error.str())
                orders.append(orjson.loads(message.value() or b""))
            if orders:
                write(connection, [tuple(order[name] for name in COLUMNS) for order in orders])
                connection.commit()
                consumer.commit(asynchronous=True)
                done += len(orders)
    consumer.close()


if __name__ == "__main__":
    main({"copy": copy, "insert": insert}[sys.argv[1]])
