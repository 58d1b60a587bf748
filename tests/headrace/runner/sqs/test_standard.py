"""A standard queue: what is done is deleted, what is not comes again, whoever is told to stop."""

import json
import threading
import time

import pytest

from headrace import Reject
from headrace.cli import main
from headrace.errors import SettingsError
from headrace.runner import SqsSource, Stop, run
from headrace.runner.sqs.errors import QueueError
from headrace.sinks import Message, open_sink
from tests.support.sqs.queues import Queue, run_until_idle, source_of, worker
from tests.support.sqs.stopping import stop_at_work
from tests.support.waiting import wait_until


@pytest.fixture
def client(aws):
    return aws("sqs")


def test_each_message_is_worked_on_once_and_deleted(client):
    queue, seen = Queue(client), []
    queue.put(*range(40))
    stats = run_until_idle(worker(lambda record: seen.append(record.json())), queue)
    now = stats.snapshot()
    assert sorted(seen) == list(range(40))
    assert (now.polled, now.done, now.committed, now.failed) == (40, 40, 40, 0)
    assert queue.counts() == (0, 0)


def test_a_record_says_where_it_stands_and_how_often_it_came(client):
    queue, seen = Queue(client), []

    def process(record):
        seen.append(record)
        if len(seen) < 3:
            raise ValueError("not yet")

    (message,) = queue.put("hello", color="red")
    run_until_idle(worker(process), queue)
    assert [dict(record.headers)["aws.receive-count"] for record in seen] == [b"1", b"2", b"3"]
    assert {(r.id, r.value, r.source) for r in seen} == {
        (f"{queue.name}:{message}", b"hello", "sqs")
    }
    assert dict(seen[0].headers)["color"] == b"red"
    assert seen[0].lag() < 60_000


def test_only_what_failed_comes_again_until_the_queue_moves_it(client):
    queue, seen = Queue(client, receives=2), []

    def process(record):
        seen.append(record.json())
        if record.json() == 3:
            raise ValueError("three")

    queue.put(*range(8))
    stats = run_until_idle(worker(process), queue)
    assert sorted(seen) == [0, 1, 2, 3, 3, 4, 5, 6, 7]
    assert queue.dead.bodies() == ["3"]
    assert stats.snapshot().retried == 1


def test_a_failed_message_waits_for_its_backoff_and_the_run_for_the_message(client):
    queue, times = Queue(client, receives=2), []

    def process(_):
        times.append(time.monotonic())
        raise ValueError("no")

    queue.put("x")
    backoff = {"retry_backoff_seconds": 2.0, "retry_backoff_max_seconds": 2.0}
    run_until_idle(worker(process), queue, **backoff)  # idle for half of it only
    first, second = times
    assert second - first > 0.9  # less the jitter: a step of one second at least


def test_a_function_of_an_event_gets_lambdas_event_and_names_what_failed(client):
    queue, events = Queue(client, receives=2), []

    def function(event, _):
        events.append(event)
        failed = [m["messageId"] for m in event["Records"] if m["body"] == "bad"]
        return {"batchItemFailures": [{"itemIdentifier": name} for name in failed]}

    ids = queue.put("good", "bad", "fine", color="red")
    run_until_idle(function, queue, report_batch_item_failures=True)
    (first, again) = [event["Records"] for event in events]
    assert sorted(m["messageId"] for m in first) == sorted(ids)
    assert [m["messageId"] for m in again] == [ids[1]]
    message = again[0]
    assert message.keys() == {
        *("messageId", "receiptHandle", "body", "attributes", "messageAttributes"),
        *("md5OfBody", "eventSource", "eventSourceARN", "awsRegion"),
    }
    assert message["attributes"]["ApproximateReceiveCount"] == "2"
    assert message["messageAttributes"]["color"]["stringValue"] == "red"
    assert message["eventSourceARN"] == queue.arn


def test_without_partial_responses_a_function_that_raises_has_all_of_its_batch_again(client):
    queue, batches = Queue(client), []

    def function(event, _):
        batches.append(sorted(m["body"] for m in event["Records"]))
        if len(batches) == 1:
            raise RuntimeError("once")
        return {"batchItemFailures": [{"itemIdentifier": "unread"}]}

    queue.put("a", "b")
    run_until_idle(function, queue)
    assert batches[0] == ["a", "b"]
    again = [body for batch in batches[1:] for body in batch]
    assert sorted(again) == ["a", "b"]  # in one batch, if they come at once


def test_filters_delete_what_does_not_match(client):
    queue, seen = Queue(client), []
    queue.put({"kind": "order"}, {"kind": "view"}, "text")
    patterns = json.dumps([{"body": {"kind": ["order"]}}])
    stats = run_until_idle(
        worker(lambda record: seen.append(record.json())), queue, filter_criteria=patterns
    )
    assert seen == [{"kind": "order"}]
    assert queue.counts() == (0, 0)
    assert stats.snapshot().filtered_out == 2


def test_rejected_messages_are_deleted_once_their_letter_is_kept(client, tmp_path, monkeypatch):
    monkeypatch.setenv("HEADRACE_DEAD_LETTER_URL", f"file:{tmp_path}/dead.jsonl")

    def process(_):
        raise Reject("no good")

    queue = Queue(client)
    queue.put("bad")
    stats = run_until_idle(worker(process), queue)
    (letter,) = (tmp_path / "dead.jsonl").read_text().splitlines()
    assert queue.name in letter
    assert queue.counts() == (0, 0)
    assert stats.snapshot().dead_lettered == 1


def test_a_letter_goes_back_to_the_queue_with_what_its_sender_said(client, tmp_path, monkeypatch):
    monkeypatch.setenv("HEADRACE_DEAD_LETTER_URL", f"file:{tmp_path}/dead.jsonl")
    queue, seen = Queue(client), []

    def process(record):
        raise Reject("no good")

    queue.put("bad", color="red")
    run_until_idle(worker(process), queue)
    replay = ["dead-letters", "replay", f"file:{tmp_path}/dead.jsonl", "--all"]
    assert main([*replay, "--to", f"sqs://{queue.name}"]) == 0
    run_until_idle(worker(seen.append), queue)
    assert [(record.value, dict(record.headers)["color"]) for record in seen] == [(b"bad", b"red")]


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


def test_a_queue_is_found_by_its_name_its_url_and_its_arn(client):
    queue, seen = Queue(client), []
    for place in (queue.name, queue.url, queue.arn):
        queue.put(place)
        source = SqsSource(queue=place, receive_wait_seconds=1)
        run_until_idle(worker(lambda record: seen.append(record.text())), queue, source=source)
    assert seen == [queue.name, queue.url, queue.arn]


def test_a_queue_that_is_not_there_ends_the_start(client, monkeypatch):
    monkeypatch.setattr("headrace.runner.presence._PATIENCE_SECONDS", 0.1)
    with pytest.raises(SettingsError, match=r"queue 'nowhere': .*does not exist"):
        run(worker(print), SqsSource(queue="nowhere"))


def test_a_queue_that_vanishes_ends_the_run(client):
    queue = Queue(client)
    queue.put("x")

    def process(_):
        client.delete_queue(QueueUrl=queue.url)

    with pytest.raises(QueueError, match="does not exist"):
        run(worker(process), source_of(queue))


def test_results_go_to_the_sink_before_a_message_is_deleted(client, tmp_path, monkeypatch):
    monkeypatch.setenv("HEADRACE_SINK_URL", f"file:{tmp_path}/results.jsonl")
    queue = Queue(client)
    queue.put(*range(5))
    run_until_idle(worker(lambda record: {"n": record.json()}), queue)
    lines = (tmp_path / "results.jsonl").read_text().splitlines()
    assert sorted(json.loads(line)["value"]["n"] for line in lines) == [*range(5)]


def test_a_queue_can_be_a_sink_and_a_source(client):
    queue, seen = Queue(client), []
    sink = open_sink(f"sqs://{queue.name}")
    assert sink.send([Message(b"k", b'{"a": 1}', id="m1")]) == [None]
    sink.close()
    run_until_idle(worker(lambda record: seen.append(record.value)), queue)
    assert len(seen) == 1
