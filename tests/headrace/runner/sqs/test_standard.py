"""A standard queue: what is done is deleted, what is not comes again."""

import json
import time

from headrace import Reject
from headrace.cli import main
from tests.support.sqs.queues import Queue, run_until_idle, worker


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
