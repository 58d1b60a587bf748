"""From a real Kafka to the function, wherever it is: nothing lost, exactly the poison given up."""

import subprocess
import sys
from contextlib import ExitStack

import pytest

from headrace import lambda_handler
from headrace.dead_letters.boxes.base import open_box
from headrace.dead_letters.reading import letters as read
from headrace.runner.compose import run
from headrace.runner.kafka.settings import KafkaSource
from headrace.runner.monitoring.stats import Stats
from headrace.runner.settings import MappingSettings
from headrace.runner.stop import Stop
from tests.support.function.emulator import emulator
from tests.support.function.lambda_api import NAME, Service
from tests.support.kafka.broker import ordered_producer
from tests.support.served import ROOT, serve

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

RECORDS = 10_000
EVERY = 100  # one in so many is poison
PARTITIONS = 4
SERVED = ("--invocations", "true")
WORKER = "tests.support.workers.poison"


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Puts the worker at a place; gives (handler, settings) for a runner that brings it records."""
    with ExitStack() as stack:

        def put(where):
            from tests.support.workers.poison import Picky

            if where == "served":
                return None, {"function": stack.enter_context(serve(tmp_path, WORKER, *SERVED)).url}
            if where == "emulated":
                return None, {
                    "function": stack.enter_context(emulator(tmp_path, f"{WORKER}.handler"))
                }
            handler = lambda_handler(Picky)
            if where == "lambda":
                service = stack.enter_context(Service(handler))
                for name, value in service.environment().items():
                    monkeypatch.setenv(name, value)
                return None, {"function": NAME}
            return handler, {"function_timeout_seconds": 60} if where == "child" else {}

        yield put


def produce(bootstrap, topic):
    """Writes the records; returns the good ones and the poison."""
    producer = ordered_producer(bootstrap)
    good, poison = set(), set()
    for number in range(RECORDS):
        bad = number % EVERY == EVERY // 2
        value = f"{'poison' if bad else 'good'}-{number}"
        (poison if bad else good).add(value)
        producer.produce(topic, value, key=str(number % 500), partition=number % PARTITIONS)
    assert producer.flush(60) == 0
    return good, poison


@pytest.mark.parametrize("where", ["here", "child", "served", "emulated", "lambda"])
def test_nothing_is_lost_and_exactly_the_poison_is_given_up(
    where, place, kafka, topic, tmp_path, monkeypatch
):
    monkeypatch.setenv("HEADRACE_REPORT_BATCH_ITEM_FAILURES", "true")
    monkeypatch.setenv("NOTES", str(tmp_path / "notes"))
    name = topic(PARTITIONS)
    good, poison = produce(kafka.bootstrap, name)
    handler, more = place(where)
    settings = MappingSettings(
        batch_size=500,
        report_batch_item_failures=True,
        maximum_retry_attempts=1,
        retry_backoff_seconds=0.01,
        on_failure_url=f"file:{tmp_path}/letters",
        **more,
    )
    source = KafkaSource(bootstrap_servers=kafka.bootstrap, topic=name, group=name)
    stats = Stats()
    run(handler, source, settings, stats=stats, stop=Stop(max_records=RECORDS))

    assert values(f"file:{tmp_path}/letters") == sorted(poison)
    assert set((tmp_path / "notes").read_text().split()) == good
    assert stats.snapshot().committed == RECORDS


def test_the_command_drives_a_served_worker(kafka, topic, tmp_path, monkeypatch):
    """GIVEN no worker in the runner's own process, THEN it needs but the URL of one."""
    monkeypatch.setenv(
        "HEADRACE_REPORT_BATCH_ITEM_FAILURES", "true"
    )  # for both: the worker, the mapping
    monkeypatch.setenv("NOTES", str(tmp_path / "notes"))
    name = topic(PARTITIONS)
    good, poison = produce(kafka.bootstrap, name)
    with serve(tmp_path, WORKER, *SERVED) as served:
        command = [
            *(sys.executable, "-m", "headrace", "run", "--function", served.url),
            *("--kafka", kafka.bootstrap, "--topic", name, "--group", name),
            *("--batch-size", "500", "--maximum-retry-attempts", "1"),
            *("--retry-backoff-seconds", "0.01", "--on-failure-url", f"file:{tmp_path}/letters"),
            *("--function-concurrency", "4", "--max-records", str(RECORDS)),
        ]
        run = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=240)
    assert run.returncode == 0, run.stderr.decode()[-3000:]
    assert values(f"file:{tmp_path}/letters") == sorted(poison)
    assert set((tmp_path / "notes").read_text().split()) == good


def values(url):
    """What the dead letters hold, in order."""
    letters = [one for chunk in open_box(url).read() for kept in chunk for one in read(kept.data)]
    return sorted(letter.value.decode() for letter in letters)
