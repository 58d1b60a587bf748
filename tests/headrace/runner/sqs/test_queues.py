"""How a queue is found, one that is not there or goes away, and one that is a sink."""

import json

import pytest

from headrace.errors import SettingsError
from headrace.runner import SqsSource, run
from headrace.runner.sqs.errors import QueueError
from headrace.sinks import Message, open_sink
from tests.support.sqs.queues import Queue, run_until_idle, source_of, worker


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
