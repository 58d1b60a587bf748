"""What watches a runner sees it start, work, drain and end: probes, metrics, log."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from confluent_kafka import Producer
from prometheus_client import parser

from tests.support.kafka.broker import produce
from tests.support.waiting import wait_until

pytestmark = pytest.mark.kafka

ROOT = Path(__file__).resolve().parents[2]
RECORDS = 600
PATIENCE_S = 60


class Watched:
    """A runner in a process of its own, and what it tells."""

    def __init__(self, bootstrap, topic, folder):
        self.go = folder / "go"
        self._log = folder / "log"
        self._errors = folder / "errors"
        self._command = [
            *(sys.executable, "-m", "headrace", "run", "tests.support.workers.waiting:handler"),
            *("--kafka", bootstrap, "--topic", topic, "--group", topic, "--http-port", "0"),
        ]

    def __enter__(self):
        env = {**os.environ, "GO": str(self.go)}
        with self._log.open("wb") as log, self._errors.open("wb") as errors:
            self.process = subprocess.Popen(
                self._command, cwd=ROOT, env=env, stdout=log, stderr=errors
            )
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def lines(self):
        return [json.loads(line) for line in self._log.read_text().splitlines()]

    def errors(self):
        return self._errors.read_text()

    def port(self):
        return next((line["port"] for line in self.lines() if "port" in line), None)

    def get(self, path):
        """(status, text)."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port()}{path}") as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def metrics(self):
        """{name: value, or {partition or bound: value}}."""
        found = {}
        for family in parser.text_string_to_metric_families(self.get("/metrics")[1]):
            for sample in family.samples:
                labels = [v for k, v in sample.labels.items() if k != "mapping"]
                if labels:
                    found.setdefault(sample.name, {})[labels[0]] = sample.value
                else:
                    found[sample.name] = sample.value
        return found

    def wait_until(self, ask):
        def ask_while_it_runs():
            assert self.process.poll() is None, self.errors()[-3000:]
            return ask()

        def why():
            return self.lines()[-5:], self.metrics()

        return wait_until(ask_while_it_runs, PATIENCE_S, every=0.05, why=why)


def test_a_runner_is_watched_from_its_start_to_its_end(kafka, topic, tmp_path):
    orders = topic(3)
    produce(kafka.bootstrap, orders, range(RECORDS))

    with Watched(kafka.bootstrap, orders, tmp_path) as runner:
        runner.wait_until(runner.port)
        runner.wait_until(lambda: runner.get("/readyz")[0] == 200)
        assert runner.get("/healthz")[0] == 200

        # WHEN it is through, THEN the numbers say so
        runner.wait_until(lambda: runner.metrics()["CommittedEventCount_total"] == RECORDS)
        runner.wait_until(lambda: runner.metrics().get("SumOffsetLag") == 0)
        now = runner.metrics()
        assert now["PolledEventCount_total"] == now["InvokedEventCount_total"] == RECORDS
        assert now["FailedInvokeEventCount_total"] == now["headrace_records_retried_total"] == 0
        assert now["OffsetLag"] == {f"{orders}-{n}": 0 for n in range(3)}
        assert now["MaxOffsetLag"] == 0
        assert now["headrace_partitions"] == 3
        assert now["headrace_invocation_seconds_count"] >= 3
        assert now["headrace_records_in_flight"] == 0
        assert now["headrace_poll_age_seconds"] < 30

        # WHEN the handler hangs, THEN that is seen, and the runner is alive all the same
        producer = Producer({"bootstrap.servers": kafka.bootstrap})
        producer.produce(orders, value=b"wait", partition=0)
        producer.flush()
        runner.wait_until(lambda: runner.metrics()["headrace_oldest_invocation_seconds"] > 1)
        assert runner.metrics()["headrace_records_in_flight"] == 1
        assert runner.get("/healthz")[0] == runner.get("/readyz")[0] == 200

        # WHEN it is asked to end, THEN it takes no more, finishes what it has, and goes
        runner.process.send_signal(signal.SIGTERM)
        runner.wait_until(lambda: runner.get("/readyz")[0] == 503)
        assert runner.get("/healthz")[0] == 200
        runner.go.touch()
        assert runner.process.wait(PATIENCE_S) == 0

        # THEN each line of its log was one JSON object, and nothing was written beside it
        assert all(
            line.keys() >= {"level", "message", "timestamp", "service"} for line in runner.lines()
        )
        unusual = [line for line in runner.lines() if line["level"] != "INFO"]
        assert {line["level"] for line in unusual} == {"WARNING"}
        # THEN it warned at its start of what the settings do not promise, and of nothing later
        assert all("setting" in line or "ends" in line for line in unusual), unusual
        end = runner.lines()[-1]
        assert end["message"] == "the run has ended"
        assert end["polled"] == end["done"] == end["committed"] == RECORDS + 1
        assert runner.errors() == ""
