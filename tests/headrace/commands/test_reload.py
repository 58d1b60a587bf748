"""`--reload`: a changed file is what runs next, and nothing is lost on the way."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

from headrace.sinks import lines
from headrace.testing.brokers.process import free_ports
from headrace.testing.mock_cluster import embedded_kafka
from tests.support.kafka.broker import produce
from tests.support.waiting import wait_until

pytestmark = pytest.mark.slow(seconds=8)

ROOT = Path(__file__).parents[3]
WORKER = """
from headrace import Record, Worker, lambda_handler

class Marker(Worker):
    def process(self, record: Record) -> list[object]:
        return ["{mark}", record.json()]

handler = lambda_handler(Marker)
"""


@pytest.fixture
def write(tmp_path):
    def worker(mark: str) -> None:
        (tmp_path / "marker.py").write_text(WORKER.format(mark=mark))

    worker("first")
    return worker


@contextmanager
def reloading(folder, *words):
    """The command in the background; the folder has its log."""
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "headrace", *words, "--reload"],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=log,
            stderr=log,
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture
def served(tmp_path, write):
    port = free_ports()
    with reloading(tmp_path, "serve", "marker", "--port", str(port)) as process:
        wait_until(lambda: answer(port) == "first", 60)
        yield process, port


def answer(port):
    """What the server marks its answers with; its status if it refuses; None if there is none."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}/", b"1")
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)[0]
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


def test_a_server_answers_with_the_changed_file(served, write):
    write("second")
    wait_until(lambda: answer(served[1]) == "second", 60)


def test_a_file_that_cannot_be_loaded_waits_for_the_next_change(served, write, tmp_path):
    (tmp_path / "marker.py").write_text("def def")
    told = "headrace: cannot load marker: marker.py, line 1: SyntaxError"
    wait_until(lambda: told in (tmp_path / "log").read_text(), 60)
    assert answer(served[1]) is None
    write("mended")
    wait_until(lambda: answer(served[1]) == "mended", 60)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_both_processes(served, number):
    process, port = served
    process.send_signal(number)
    assert process.wait(30) == 0
    assert answer(port) is None


def test_other_files_than_sources_change_nothing(served, tmp_path):
    for name in ("results.jsonl", "notes.txt", "var/cache.py"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("1")
    time.sleep(2)
    assert "changed" not in (tmp_path / "log").read_text()


def test_what_has_done_all_that_it_was_asked_for_ends_both_processes(tmp_path, write):
    source = ("--kafka", "127.0.0.1:1", "--topic", "numbers")
    with reloading(tmp_path, "run", "marker", *source, "--dry-run") as process:
        assert process.wait(30) == 0
    assert "numbers" in (tmp_path / "log").read_text()


def test_a_run_goes_on_with_the_changed_file_and_loses_nothing(tmp_path, write):
    results = tmp_path / "results.jsonl"

    def marks():
        rows = results.read_bytes().splitlines() if results.exists() else []
        return [tuple(json.loads(lines.decode(row).value)) for row in rows]

    with embedded_kafka({"numbers": 1}) as bootstrap:
        source = ("--kafka", bootstrap, "--topic", "numbers")
        # Short sessions: the embedded Kafka forms a group again only after one has run out.
        session = ("--consumer-config", "session.timeout.ms=6000")
        with reloading(
            tmp_path, "run", "marker", *source, *session, "--sink-url", f"file:{results}"
        ):
            produce(bootstrap, "numbers", range(10))
            wait_until(lambda: len(marks()) == 10, 60)
            write("second")
            produce(bootstrap, "numbers", range(10, 20))
            wait_until(lambda: {number for _, number in marks()} == set(range(20)), 60)
    assert {mark for mark, number in marks() if number < 10} >= {"first"}
    assert ("second", 19) in marks()
