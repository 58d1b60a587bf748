"""When a handler sets up its worker, and what a start is refused for."""

import subprocess
import sys

import pytest

from headrace import Record, Worker, lambda_handler
from headrace.errors import SettingsError
from headrace.record import KafkaPosition
from tests.support.reflecting import Reflecting


def test_setup_runs_once_at_first_use():
    class Counting(Worker):
        count = 0

        def setup(self):
            Counting.count += 1

        def process(self, record):
            return Counting.count

    handler = lambda_handler(Counting)
    assert Counting.count == 0
    assert [handler({}), handler({})] == [1, 1]


def test_a_handler_that_was_closed_sets_up_another_worker():
    told = []

    class Telling(Worker):
        def setup(self):
            told.append("up")

        def process(self, record):
            told.append(record.value)

        def close(self):
            told.append("down")

    handler = lambda_handler(Telling)
    for value in (b"1", b"2"):
        handler.run([Record("kafka", KafkaPosition("t", 0, 0), value)])
        handler.close()
        handler.close()

    assert told == ["up", b"1", "down", "up", b"2", "down"]


def test_setup_runs_in_the_init_phase_of_lambda(monkeypatch):
    class Broken(Reflecting):
        def setup(self):
            raise RuntimeError("model is missing")

    monkeypatch.setenv("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001")
    with pytest.raises(RuntimeError, match="model is missing"):
        lambda_handler(Broken)


def test_a_wrong_setting_names_its_variable(monkeypatch):
    monkeypatch.setenv("HEADRACE_WORKER_CONCURRENCY", "many")
    with pytest.raises(SettingsError, match="HEADRACE_WORKER_CONCURRENCY='many'"):
        lambda_handler(Reflecting)({})


def test_importing_a_worker_has_no_effects():
    code = "from workers.msk_consumer import handler; raise SystemExit(handler._host is not None)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
