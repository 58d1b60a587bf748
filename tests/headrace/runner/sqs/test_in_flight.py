"""Messages in work stay invisible, what waits is released, and no more is taken than fits."""

import threading
import time

from headrace.runner import Stop, run
from tests.support.sqs.queues import Queue, run_until_idle, source_of, worker
from tests.support.sqs.stopping import stop_at_work
from tests.support.waiting import wait_until


def test_a_handler_five_times_as_long_as_the_timeout_has_no_second_delivery(client):
    queue, seen = Queue(client, visibility=1), []

    def process(record):
        seen.append(record.json())
        time.sleep(5)

    queue.put(1)
    run_until_idle(worker(process), queue)
    assert seen == [1]


def test_what_waits_stays_invisible_too(client):
    queue, seen = Queue(client, visibility=1), []

    def process(record):
        seen.append(record.json())
        time.sleep(0.25)

    queue.put(*range(14))
    run_until_idle(worker(process), queue, batch_size=1)
    assert sorted(seen) == list(range(14))


def test_what_waits_is_released_within_a_second_and_what_is_in_work_is_done(client):
    stats = stop_at_work(client)
    assert stats.snapshot().done == 1


def test_no_more_is_done_than_was_asked_for(client):
    queue, seen = Queue(client), []
    queue.put(*range(20))
    stop = Stop(max_records=3)
    run(worker(lambda record: seen.append(record.json())), source_of(queue), stop=stop)
    assert len(seen) == 3
    wait_until(lambda: queue.counts() == (17, 0))


def test_several_batches_are_in_work_at_once_and_no_more(client):
    queue, lock, at_once = Queue(client), threading.Lock(), [0, 0]

    def process(_):
        with lock:
            at_once[0] += 1
            at_once[1] = max(at_once)
        time.sleep(0.2)
        with lock:
            at_once[0] -= 1

    queue.put(*range(30))
    run_until_idle(worker(process), queue, batch_size=1, function_concurrency=3)
    assert at_once == [0, 3]


def test_large_batches_wait_to_fill(client):
    queue, sizes = Queue(client), []
    queue.put(*range(30))

    def function(event, _):
        sizes.append(len(event["Records"]))

    window = {"batch_size": 1000, "maximum_batching_window_in_seconds": 2}
    run_until_idle(function, queue, **window)
    assert sum(sizes) == 30
    assert sizes[0] > 10
