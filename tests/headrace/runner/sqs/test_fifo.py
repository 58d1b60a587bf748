"""A FIFO queue: a group is in order, others go on beside it, and a failure holds back its own."""

import threading
import time

import pytest

from headrace.errors import SettingsError
from headrace.runner import MappingSettings, run
from headrace.worker import WorkerSettings
from tests.support.sqs.queues import Queue, of_group, run_until_idle, running, source_of, worker
from tests.support.waiting import wait_until


def test_groups_are_in_order_and_beside_each_other(client):
    queue, notes, at_work, together = Queue(client, fifo=True), [], set(), set()

    def process(record):
        group = record.key.decode()
        at_work.add(group)
        together.add(len(at_work))  # other threads change it meanwhile
        time.sleep(0.02)
        notes.append((group, record.json()))
        at_work.discard(group)

    for begin in range(0, 20, 5):
        for group in ("a", "b", "c"):
            queue.put(*range(begin, begin + 5), group=group)
    run_until_idle(worker(process), queue, function_concurrency=3, batch_size=2)
    assert {group: of_group(notes, group) for group in "abc"} == {
        group: [*range(20)] for group in "abc"
    }
    assert max(together) > 1
    assert queue.counts() == (0, 0)


@pytest.mark.parametrize("invoke", ["records", "event"])
def test_a_failure_holds_back_its_group_alone(client, invoke):
    queue, notes, failed = Queue(client, fifo=True), [], []

    def process(record):
        number = record.json()
        if record.key == b"a" and number == 2 and len(failed) < 3:
            failed.append(dict(record.headers)["aws.receive-count"])
            raise ValueError("not yet")
        notes.append((record.key.decode(), number))

    for group in ("a", "b"):
        queue.put(*range(6), group=group)
    handler = worker(process).with_settings(WorkerSettings(report_batch_item_failures=True))
    run_until_idle(handler, queue, report_batch_item_failures=True, invoke=invoke)
    assert of_group(notes, "a") == of_group(notes, "b") == [*range(6)]
    assert notes.index(("b", 3)) < notes.index(("a", 2))
    assert failed == [b"1", b"2", b"3"]


def test_a_message_that_always_fails_goes_to_the_dead_letter_queue_and_its_group_goes_on(client):
    queue, notes = Queue(client, fifo=True, receives=2), []

    def process(record):
        if record.json() == 1:
            raise ValueError("never")
        notes.append(record.json())

    queue.put(*range(4), group="a")
    run_until_idle(worker(process), queue, batch_size=1)
    assert notes == [0, 2, 3]
    assert queue.dead.bodies() == ["1"]


def test_what_waits_is_released_in_order(client):
    queue, begun, go_on, notes = Queue(client, fifo=True), threading.Event(), threading.Event(), []

    def process(record):
        begun.set()
        assert go_on.wait(30)
        notes.append(record.json())

    queue.put(*range(10), group="a")
    with running(worker(process), queue, batch_size=1) as (_, stop):
        assert begun.wait(30)
        stop.request()
        wait_until(lambda: queue.counts() == (9, 1), 1.0)
        go_on.set()
    run_until_idle(worker(process), queue)
    assert notes == [*range(10)]


def test_a_long_handler_keeps_its_group(client):
    queue, notes = Queue(client, fifo=True, visibility=1), []

    def process(record):
        time.sleep(1.5)
        notes.append(record.json())

    queue.put(*range(3), group="a")
    run_until_idle(worker(process), queue, batch_size=1)
    assert notes == [0, 1, 2]


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"batch_size": 11}, "HEADRACE_BATCH_SIZE: 11 is too many: of a FIFO queue, 10 are"),
        (
            {"maximum_batching_window_in_seconds": 1},
            "HEADRACE_MAXIMUM_BATCHING_WINDOW_IN_SECONDS: a FIFO queue has none",
        ),
    ],
)
def test_what_aws_refuses_for_a_fifo_queue_is_refused(client, settings, complaint):
    queue = Queue(client, fifo=True)
    with pytest.raises(SettingsError, match=complaint):
        run(worker(print), source_of(queue), MappingSettings(**settings))
