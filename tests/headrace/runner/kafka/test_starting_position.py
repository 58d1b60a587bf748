"""Where a partition begins and goes on, on a real Kafka: nothing is skipped without a word."""

import threading
import time

import orjson
import pytest

from tests.support.kafka.runs import commit, committed, cut, fill, grow
from tests.support.waiting import wait_until

pytestmark = pytest.mark.kafka

PROTOCOLS = [
    {"group_protocol": "classic", "assignment_strategy": "cooperative-sticky"},
    {"group_protocol": "classic", "assignment_strategy": "range"},
    {"group_protocol": "consumer"},
]


def errors(output: str) -> list[dict]:
    lines = [orjson.loads(line) for line in output.splitlines() if line.startswith("{")]
    return [line for line in lines if line["level"] == "ERROR"]


@pytest.mark.parametrize("source", PROTOCOLS)
def test_what_retention_took_from_a_group_is_reported_by_number(kafka, runs, topic, capsys, source):
    """GIVEN a group at 5, WHEN the log starts at 20, THEN 15 records are reported as lost."""
    name = topic(2)
    fill(kafka.bootstrap, name, {0: 30, 1: 10})
    commit(kafka.bootstrap, name, {0: 5, 1: 5})
    cut(kafka.bootstrap, name, 0, before=20)
    run = runs(name, until=15, source=source).end()
    assert run.offsets == {0: list(range(20, 30)), 1: list(range(5, 10))}
    assert run.stats.snapshot().lost == 15
    (line,) = errors(capsys.readouterr().out)
    assert (line["lost"], line["first_offset"], line["last_offset"]) == (15, 5, 19)
    assert line["partition"] == 0
    assert committed(kafka.bootstrap, name, 2) == {0: 30, 1: 10}


@pytest.mark.parametrize("source", PROTOCOLS)
def test_what_retention_takes_from_a_running_group_is_reported(kafka, runs, topic, capsys, source):
    """GIVEN a handler so slow that retention overtakes it, THEN delivered + lost = written."""
    name = topic(2)
    fill(kafka.bootstrap, name, {0: 5_000, 1: 3}, headers=[("pad", b"x" * 200)])
    release = threading.Event()
    little = {"queued.min.messages": "1", "fetch.message.max.bytes": "20000"}
    run = runs(
        name,
        process=lambda record: release.wait(30),
        source={**source, "consumer_config": little},
    )
    wait_until(lambda: run.stats.snapshot().polled > 1_000)
    cut(kafka.bootstrap, name, 0, before=4_990)
    release.set()
    wait_until(lambda: run.count + run.stats.snapshot().lost == 5_003)
    run.request_end()
    lost = run.stats.snapshot().lost
    assert lost > 0
    assert run.offsets[0] == [*range(4_990 - lost), *range(4_990, 5_000)]
    assert run.offsets[1] == [0, 1, 2]
    assert sum(line["lost"] for line in errors(capsys.readouterr().out)) == lost
    assert committed(kafka.bootstrap, name, 2) == {0: 5_000, 1: 3}


def test_a_position_beyond_the_end_is_reported_and_all_that_is_left_is_delivered(
    kafka, runs, topic, capsys
):
    name = topic()
    fill(kafka.bootstrap, name, {0: 10})
    commit(kafka.bootstrap, name, {0: 1_000})
    run = runs(name, until=10).end()
    assert run.offsets == {0: list(range(10))}
    (line,) = errors(capsys.readouterr().out)
    assert "truncated" in line["message"]
    assert (line["position"], line["last_offset"]) == (1_000, 9)
    assert committed(kafka.bootstrap, name) == {0: 10}


@pytest.mark.parametrize("source", PROTOCOLS)
def test_latest_skips_nothing_that_came_between_two_runs(kafka, runs, topic, source):
    """GIVEN a run from LATEST that had nothing to do, THEN the next one goes on where it began."""
    name = topic(2)
    fill(kafka.bootstrap, name, {0: 10, 1: 10})
    settings = {"starting_position": "LATEST", "source": source}
    first = runs(name, **settings)
    wait_until(lambda: committed(kafka.bootstrap, name, 2) == {0: 10, 1: 10})
    assert first.request_end().count == 0
    fill(kafka.bootstrap, name, {0: 5})
    assert runs(name, until=5, **settings).end().offsets == {0: list(range(10, 15))}


@pytest.mark.parametrize("source", PROTOCOLS)
def test_latest_skips_nothing_of_partitions_that_the_topic_got_later(kafka, runs, topic, source):
    """GIVEN a group from LATEST, WHEN partitions are added and written to before it knows of them,
    THEN it reads them from their beginning."""
    name = topic(1)
    fill(kafka.bootstrap, name, {0: 10})
    settings = {"starting_position": "LATEST", "source": source}
    first = runs(name, **settings)
    wait_until(lambda: committed(kafka.bootstrap, name, 1) == {0: 10})
    assert first.request_end().count == 0
    grow(kafka.bootstrap, name, 3)
    fill(kafka.bootstrap, name, {1: 5, 2: 5})
    run = runs(name, until=10, **settings).end()
    assert run.offsets == {1: list(range(5)), 2: list(range(5))}


def test_at_timestamp_begins_at_the_first_record_of_that_time_if_nothing_was_committed(
    kafka, runs, topic
):
    name = topic(3)
    then = round(time.time()) - 7_200
    for hour in (-1, 0, 1):
        fill(kafka.bootstrap, name, {0: 4}, timestamp=(then + hour * 3_600) * 1000)
    fill(kafka.bootstrap, name, {1: 4, 2: 4}, timestamp=(then - 3_600) * 1000)
    commit(kafka.bootstrap, name, {2: 1})
    settings = {"starting_position": "AT_TIMESTAMP", "starting_position_timestamp": then}
    run = runs(name, until=11, **settings).end()
    assert run.offsets == {0: list(range(4, 12)), 2: [1, 2, 3]}
    assert committed(kafka.bootstrap, name, 3) == {0: 12, 1: 4, 2: 4}
    fill(kafka.bootstrap, name, {1: 1}, timestamp=round(time.time() * 1000))
    assert runs(name, until=1, **settings).end().offsets == {1: [4]}
