"""Two runners of one group on a real Kafka, by every protocol that it has."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from headrace.runner.settings import MappingSettings
from tests.support.kafka.runs import committed, fill, hasten
from tests.support.waiting import wait_until

pytestmark = pytest.mark.kafka

ROOT = Path(__file__).resolve().parents[4]
PARTITIONS = 4
COUNT = 400
PROTOCOLS = [
    {"group_protocol": "classic", "assignment_strategy": "cooperative-sticky"},
    {"group_protocol": "classic", "assignment_strategy": "range"},
    {"group_protocol": "classic", "assignment_strategy": "roundrobin"},
    {"group_protocol": "consumer"},
    {"group_protocol": "consumer", "assignment_strategy": "range"},
]


def quick(bootstrap: str, group: str, source: dict) -> dict:
    """Settings by which members hear of a rebalance at once."""
    hasten(bootstrap, group)
    classic = source["group_protocol"] == "classic"
    return {**source, "consumer_config": {"heartbeat.interval.ms": "300"} if classic else {}}


def slowly(record) -> None:
    time.sleep(0.002)


@pytest.mark.parametrize("source", PROTOCOLS, ids=lambda source: "-".join(source.values()))
def test_partitions_move_to_a_second_runner_and_back_without_loss_or_duplicate(
    kafka, runs, topic, source
):
    """GIVEN one at work, WHEN another joins and leaves, THEN each record comes exactly once."""
    name = topic(PARTITIONS)
    fill(kafka.bootstrap, name, dict.fromkeys(range(PARTITIONS), COUNT))
    source = quick(kafka.bootstrap, name, source)
    first = runs(name, process=slowly, source=source)
    wait_until(lambda: first.count > 20)
    second = runs(name, process=slowly, source=source)
    wait_until(lambda: second.count > 20)
    second.request_end()
    wait_until(lambda: first.count + second.count >= PARTITIONS * COUNT)
    first.request_end()
    for partition in range(PARTITIONS):
        both = first.offsets[partition] + second.offsets[partition]
        assert sorted(both) == list(range(COUNT))
        for run in (first, second):
            assert run.offsets[partition] == sorted(run.offsets[partition])
    assert committed(kafka.bootstrap, name, PARTITIONS) == dict.fromkeys(range(PARTITIONS), COUNT)
    assert sum(map(bool, second.offsets.values())) < PARTITIONS  # they shared


@pytest.mark.parametrize(
    "source",
    [PROTOCOLS[0], PROTOCOLS[1], PROTOCOLS[3]],
    ids=lambda source: "-".join(source.values()),
)
def test_a_revocation_waits_for_the_batch_in_work_and_commits_it(kafka, runs, topic, source):
    """GIVEN a batch in work on every partition, THEN its successor begins right after it."""
    name = topic(2)
    fill(kafka.bootstrap, name, {0: 30, 1: 30})
    source = quick(kafka.bootstrap, name, source)
    release = threading.Event()

    def process(record) -> None:
        if record.position.offset == 10:
            release.wait(30)

    first = runs(name, process=process, source=source, function_concurrency=2)
    wait_until(lambda: len(first.offsets[0]) == len(first.offsets[1]) == 10)
    second = runs(name, source=source)
    time.sleep(1.0)
    assert second.count == 0  # the partitions are not ours to give before the batch is done
    release.set()
    wait_until(lambda: first.count + second.count == 60)
    first.request_end()
    second.request_end()
    assert first.count + second.count == 60
    assert committed(kafka.bootstrap, name, 2) == {0: 30, 1: 30}


@pytest.fixture
def member(tmp_path):
    """Starts a runner in a process of its own; returns it and the file of its deliveries."""
    started = []

    def start(source: dict) -> tuple[subprocess.Popen, Path]:
        notes = tmp_path / "notes"
        command = [sys.executable, "-m", "tests.support.kafka.member", json.dumps(source)]
        with notes.open("wb") as output:
            started.append(subprocess.Popen(command, cwd=ROOT, stdout=output, env=os.environ))
        return started[-1], notes

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.mark.slow
@pytest.mark.parametrize(
    "source",
    [PROTOCOLS[0], PROTOCOLS[1], PROTOCOLS[3]],
    ids=lambda source: "-".join(source.values()),
)
def test_a_runner_that_lost_its_partitions_commits_nothing_to_them(
    kafka, runs, topic, member, source
):
    """GIVEN one stopped beyond its session, THEN it sets nothing back when it goes on."""
    name = topic(2)
    fill(kafka.bootstrap, name, {0: COUNT, 1: COUNT})
    source = quick(kafka.bootstrap, name, source)
    if source["group_protocol"] == "classic":
        source["consumer_config"] |= {"session.timeout.ms": "1000"}
    where = {"bootstrap_servers": kafka.bootstrap, "topic": name, "group": name}
    process, notes = member({**source, **where})
    wait_until(lambda: len(notes.read_text().splitlines()) > 50)
    process.send_signal(signal.SIGSTOP)
    second = runs(name, source=source)
    ends = {0: COUNT, 1: COUNT}
    wait_until(lambda: committed(kafka.bootstrap, name, 2) == ends)
    second.request_end()
    process.send_signal(signal.SIGCONT)
    watched_until = time.monotonic() + 4
    while time.monotonic() < watched_until:
        assert committed(kafka.bootstrap, name, 2) == ends
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    assert committed(kafka.bootstrap, name, 2) == ends
    lines = [tuple(map(int, line.split())) for line in notes.read_text().splitlines()]
    taken_over = {(p, offset) for p, offsets in second.offsets.items() for offset in offsets}
    assert {*lines, *taken_over} == {(p, offset) for p in ends for offset in range(COUNT)}
    window = 2 * MappingSettings(batch_size=10).uncommitted_records
    assert len(lines) + len(taken_over) - 2 * COUNT <= window
