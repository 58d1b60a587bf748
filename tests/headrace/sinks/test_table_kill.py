"""Runners are killed, the database is stopped: in the end the table equals the topic.

CHAOS_RESTARTS says how often the database is stopped: `make chaos` does it often.
"""

import os
import sqlite3
from contextlib import closing

import pytest

from tests.support.kafka.broker import produce
from tests.support.killed_runners import KILLS, RECORDS, KilledRunners

pytestmark = [pytest.mark.kafka, pytest.mark.slow(seconds=20)]

RESTARTS = int(os.environ.get("CHAOS_RESTARTS", "1"))
TABLE = "CREATE TABLE numbers (id bigint)"  # without a key: a row that is written twice shows
COUNT = "SELECT count(*), count(DISTINCT id) FROM numbers"


def test_postgres_has_each_record_once(kafka, topic, postgres, database, tmp_path):
    name, connection = database(TABLE)

    def restart():
        connection.close()
        postgres.stop("immediate")
        postgres.start()

    def rows():
        with postgres.connect(name) as asking:
            return asking.execute(COUNT).fetchone()

    numbers = topic(3)
    produce(kafka.bootstrap, numbers, range(RECORDS))
    url = postgres.url(name, "numbers")
    runners = KilledRunners(kafka.bootstrap, numbers, url, tmp_path, rows)

    for kill in range(KILLS):
        stops = kill % (KILLS // RESTARTS) == KILLS // RESTARTS - 1
        runners.kill_in_the_middle(restart if stops else lambda: None)
    runners.run_to_the_end()
    runners.check()


def test_sqlite_has_each_record_once(kafka, topic, tmp_path):
    with closing(sqlite3.connect(tmp_path / "db", timeout=30)) as connection:
        connection.execute(TABLE)
        numbers = topic(3)
        produce(kafka.bootstrap, numbers, range(RECORDS))
        url = f"sqlite:{tmp_path}/db?table=numbers"
        runners = KilledRunners(
            kafka.bootstrap, numbers, url, tmp_path, lambda: connection.execute(COUNT).fetchone()
        )

        for _ in range(KILLS):
            runners.kill_in_the_middle()
        runners.run_to_the_end()
        runners.check()
