"""`headrace run --processes N` on a real Kafka."""

import os
import signal
from contextlib import contextmanager
from pathlib import Path

import pytest

from headrace.cli import main
from headrace.errors import SettingsError
from headrace.runner.compose import run
from headrace.runner.kafka.settings import KafkaSource
from headrace.runner.settings import MappingSettings
from tests.support import members
from tests.support.kafka.broker import produce
from tests.support.members import RECORDS, Run
from tests.support.waiting import wait_until

QUICK = (
    "--consumer-config=session.timeout.ms=3000",
    "--consumer-config=heartbeat.interval.ms=500",
)


@pytest.fixture
def start(tmp_path, kafka, topic):
    """Starts two processes on a topic of four partitions."""
    orders = topic(4)

    @contextmanager
    def begin(*flags):
        running = Run(tmp_path, "--kafka", kafka.bootstrap, "--topic", orders, *QUICK, *flags)
        try:
            yield running, lambda values: produce(kafka.bootstrap, orders, values)
        finally:
            running.process.kill()
            running.process.wait()

    return begin


@pytest.mark.kafka
def test_two_share_the_work_and_one_tells_of_both(start):
    with start() as (running, write):
        running.wait_for(running.is_ready)
        written = running.write_until_both_work(write)
        running.wait_for(lambda: running.metrics()["CommittedEventCount_total"] == written)
        assert running.metrics()["headrace_partitions"] == 4
        assert len(running.done()) == written
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(30) == 0
        warning = "there is no place for dead letters"
        assert sum(one["message"].startswith(warning) for one in running.lines()) == 1
        ended = [one for one in running.lines() if one["message"] == "the run has ended"]
        assert [(one["done"], one["committed"]) for one in ended] == [(written, written)]


@pytest.mark.kafka
def test_one_that_is_killed_is_replaced_and_nothing_is_lost(start):
    with start() as (running, write):
        running.wait_for(running.is_ready)
        written = running.write_until_both_work(write)
        write(range(written, written + RECORDS))
        killed = next(iter(running.members()))
        os.kill(killed, signal.SIGKILL)
        running.wait_for(lambda: running.said("a member was killed; another takes its place"))
        running.wait_for(running.is_ready)
        write(range(written + RECORDS, written + 2 * RECORDS))
        running.wait_for(lambda: running.values() == {*range(written + 2 * RECORDS)})


@pytest.mark.kafka
def test_members_end_with_their_supervisor(start):
    with start() as (running, write):
        running.wait_for(running.is_ready)
        running.write_until_both_work(write)
        members = running.members()
        running.process.kill()
        running.process.wait()
        wait_until(lambda: not any(map(_is_alive, members)), 30)


@pytest.mark.kafka
def test_they_end_by_themselves_when_idle(start):
    with start("--stop-when-idle", "3") as (running, write):
        write(range(RECORDS))
        assert running.process.wait(60) == 0, running.text()
        assert running.values() == {*range(RECORDS)}


REJECTING = """
from headrace import Reject, Worker, lambda_handler

class Orders(Worker):
    def process(self, record):
        raise Reject("cut\\ud83d")

handler = lambda_handler(Orders)
"""


@pytest.mark.kafka
def test_half_a_surrogate_pair_in_a_reason_ends_no_member(start, monkeypatch, tmp_path):
    monkeypatch.setattr(members, "WORKER", REJECTING)
    box = tmp_path / "rejected.jsonl"
    with start("--stop-when-idle", "3", "--dead-letter-url", f"file:{box}") as (running, write):
        write(range(RECORDS))
        assert running.process.wait(60) == 0, running.text()
    assert len(box.read_text().splitlines()) == RECORDS


@pytest.mark.kafka
def test_what_is_wrong_with_the_worker_is_said_once(start, monkeypatch):
    monkeypatch.setattr(members, "WORKER", "import nothing_of_this_name\n")
    with start() as (running, _):
        assert running.process.wait(60) == 1
        assert running.text().count("nothing_of_this_name") == 1


@pytest.mark.parametrize(
    ("flags", "error"),
    [
        (["--kafka", "h:1", "--topic", "t", "--max-records", "9"], "--max-records counts in one"),
        (
            ["--kafka", "h:1", "--topic", "t", "--consumer-config", "group.instance.id=a"],
            "group.instance.id names one member",
        ),
        (["--kinesis", "s"], "HEADRACE_PROCESSES is for Kafka and SQS"),
        (
            ["--sqs", "q", "--http-port", "0", "--http-page", "true", "--http-produce", "true"],
            "HEADRACE_HTTP_PRODUCE does not go with the --processes of a queue",
        ),
    ],
)
def test_what_cannot_be_divided_is_refused(flags, error, capsys):
    assert main(["run", "orders", "--processes", "2", *flags]) == 1
    assert error in capsys.readouterr().err


def test_a_program_that_runs_a_mapping_itself_cannot_ask_for_processes():
    source = KafkaSource(bootstrap_servers="h:1", topic="t", group="g")
    with pytest.raises(SettingsError, match="headrace run"):
        run(None, source, MappingSettings(processes=2))


def _is_alive(pid):
    try:
        return "zombie" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False
