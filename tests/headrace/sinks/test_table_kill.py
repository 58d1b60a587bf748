"""Runners are killed, the database is stopped: in the end the table equals the topic.

CHAOS_RECORDS, CHAOS_KILLS and CHAOS_RESTARTS say how many records there are, how many runners are
killed, and how often the database is stopped: `make chaos` takes many.
"""

import os
import random
import signal
import sqlite3
from contextlib import closing
from functools import partial

import pytest

from tests.support.kafka.broker import produce
from tests.support.runner_process import start_runner
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.kafka, pytest.mark.slow(seconds=20)]

RECORDS = int(os.environ.get("CHAOS_RECORDS", "2000"))
KILLS = int(os.environ.get("CHAOS_KILLS", "3"))
RESTARTS = int(os.environ.get("CHAOS_RESTARTS", "1"))
PATIENCE_S = 60.0 + RECORDS / 100  # a busy machine does some hundred a second
TABLE = "CREATE TABLE numbers (id bigint)"  # without a key: a row that is written twice shows


class Runners:
    """Runner processes of one group, one after the other."""

    def __init__(self, bootstrap, topic, url, folder, ask):
        self.notes = folder / "notes"
        self.notes.touch()
        self.rows = lambda: ask("SELECT count(*), count(DISTINCT id) FROM numbers")
        self._log = folder / "log"
        self.start = partial(
            start_runner,
            *("tests.support.workers.rows", bootstrap, topic, "--sink-url", url),
            *("--batch-size", "50", "--function-concurrency", "2"),
            environ={"NOTES": str(self.notes)},
            log=self._log,
        )

    def until(self, count):
        def enough():
            return self.rows()[0] >= count

        wait_until(enough, PATIENCE_S, every=0.02, why=lambda: self._log.read_text()[-3000:])

    def kill_in_the_middle(self, disturb=lambda: None):
        process = self.start()
        try:
            most = RECORDS // (KILLS + 2)
            self.until(min(RECORDS - most // 2, self.rows()[0] + random.randint(most // 2, most)))
            disturb()
        finally:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()

    def run_to_the_end(self):
        process = self.start()
        try:
            self.until(RECORDS)
        finally:
            process.terminate()
            process.wait(60)

    def check(self):
        assert self.rows() == (RECORDS, RECORDS)
        assert len(self.notes.read_text().split()) > RECORDS + RECORDS // 30


def test_postgres_has_each_record_once(kafka, topic, postgres, database, tmp_path):
    name, connection = database(TABLE)

    def restart():
        connection.close()
        postgres.stop("immediate")
        postgres.start()

    def ask(query):
        with postgres.connect(name) as asking:
            return asking.execute(query).fetchone()

    numbers = topic(3)
    produce(kafka.bootstrap, numbers, range(RECORDS))
    url = postgres.url(name, "numbers")
    runners = Runners(kafka.bootstrap, numbers, url, tmp_path, ask)

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
        runners = Runners(
            kafka.bootstrap, numbers, url, tmp_path, lambda q: connection.execute(q).fetchone()
        )

        for _ in range(KILLS):
            runners.kill_in_the_middle()
        runners.run_to_the_end()
        runners.check()
