"""How the event of an asynchronous invocation ends: done, or given up, and who is told of it."""

import json
import time

import pytest

from headrace import Worker, lambda_handler
from headrace.cli import main
from headrace.runner.sqs.asynchronous import open as opening
from headrace.sinks.lines import decode as lines_decode
from tests.support.sqs.queues import Queue, called


@pytest.fixture
def quick(monkeypatch):
    """A minute is a second."""
    monkeypatch.setattr(opening, "_RETRY_SECONDS", 1)


def lines(path):
    """What a file sink holds."""
    return [json.loads(line)["value"] for line in path.read_text().splitlines()]


EVENT = {"detail-type": "t", "source": "s", "detail": {"id": 1}}


def test_a_worker_that_fails_is_named_with_its_error_where_its_event_goes(client, tmp_path):
    """It was "Handler", and that one record of one was not done."""

    class Thumbnails(Worker):
        def process(self, record):
            raise ValueError("no such colour")

    queue = Queue(client)
    queue.put(EVENT | {"id": "e1"})
    box = f"file:{tmp_path}/failed.jsonl"
    called(queue, lambda_handler(Thumbnails), on_failure_url=box, maximum_retry_attempts=0)
    (told,) = lines(tmp_path / "failed.jsonl")
    assert told["requestContext"]["functionArn"].endswith(":function:Thumbnails")
    assert told["responsePayload"]["errorMessage"].endswith(
        "; first s:e1: ValueError: no such colour"
    )


def test_two_retries_and_then_the_destination_in_aws_s_form(client, quick, tmp_path, capsys):
    queue, times = Queue(client), []

    def function(event, _):
        times.append(time.monotonic())
        raise KeyError("customer")

    queue.put(EVENT)
    called(queue, function, on_failure_url=f"file:{tmp_path}/failed.jsonl")
    assert len(times) == 3
    assert '"ends":"after 2 retries (HEADRACE_MAXIMUM_RETRY_ATTEMPTS)' in capsys.readouterr().out
    assert times[1] - times[0] > 0.5
    assert times[2] - times[1] > 1.5
    (told,) = lines(tmp_path / "failed.jsonl")
    assert told["requestPayload"] == EVENT
    assert told["requestContext"]["condition"] == "RetriesExhausted"
    assert told["requestContext"]["approximateInvokeCount"] == 3
    assert told["responseContext"] == {
        "statusCode": 200,
        "executedVersion": "$LATEST",
        "functionError": "Unhandled",
    }
    assert told["responsePayload"]["errorType"] == "KeyError"
    assert queue.counts() == (0, 0)


def test_what_was_given_up_is_replayed_into_a_queue(client, tmp_path):
    queue, events = Queue(client), []
    queue.put(EVENT)
    box = f"file:{tmp_path}/failed.jsonl"
    called(queue, failing, on_failure_url=box, maximum_retry_attempts=0)
    assert main(["dead-letters", "replay", box, "--to", f"sqs://{queue.name}", "--all"]) == 0
    called(queue, lambda event, _: events.append(event))
    assert events == [EVENT]


def test_without_a_destination_a_failure_stays_with_the_queue(client, quick):
    queue = Queue(client, receives=2)
    queue.put(EVENT)
    called(queue, failing)
    assert list(map(json.loads, queue.dead.bodies())) == [EVENT]


def failing(event, context):
    raise ValueError("no")


def test_what_is_done_is_told_if_somebody_wants_to_know(client, tmp_path):
    queue = Queue(client)
    queue.put(EVENT)
    called(queue, lambda event, _: {"ok": True}, on_success_url=f"file:{tmp_path}/done.jsonl")
    (told,) = lines(tmp_path / "done.jsonl")
    assert told["requestContext"]["condition"] == "Success"
    assert told["responsePayload"] == {"ok": True}
    assert told["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST"}


CUT = {"detail-type": "t", "source": "s", "detail": {"text": "cut\ud83d", "id": 2**70}}


@pytest.mark.parametrize("condition", ["Success", "RetriesExhausted"])
def test_half_a_surrogate_pair_in_an_event_keeps_no_destination_from_being_told(
    condition, client, tmp_path
):
    """Services cut texts where they please; the event is told as it came."""
    queue, box = Queue(client), tmp_path / "told.jsonl"
    queue.client.send_message(QueueUrl=queue.url, MessageBody=json.dumps(CUT))
    function = failing if condition == "RetriesExhausted" else lambda event, _: event["detail"]
    urls = {"on_failure_url": f"file:{box}", "on_success_url": f"file:{box}"}
    called(queue, function, **urls, maximum_retry_attempts=0)
    (line,) = box.read_text().splitlines()
    told = json.loads(lines_decode(line.encode()).value)
    assert told["requestContext"]["condition"] == condition
    assert told["requestPayload"] == CUT
    assert queue.counts() == (0, 0)


@pytest.mark.parametrize("answer", [{1, 2}, b"bytes", float("nan"), {(1, 2): 3}])
def test_an_answer_that_is_not_json_is_a_failure_and_no_success(answer, client, tmp_path):
    queue = Queue(client)
    queue.put(EVENT)
    box = f"file:{tmp_path}/told.jsonl"
    urls = {"on_failure_url": box, "on_success_url": box}
    called(queue, lambda event, _: answer, **urls, maximum_retry_attempts=0)
    (told,) = lines(tmp_path / "told.jsonl")
    assert told["requestContext"]["condition"] == "RetriesExhausted"
    assert told["responsePayload"]["errorType"] == "JsonError"


def test_an_event_that_is_too_old_is_given_up_uninvoked(client, tmp_path, monkeypatch):
    monkeypatch.setattr(opening.AsynchronousInvoker, "_is_old", lambda *_: True)
    queue, events = Queue(client), []
    queue.put(EVENT)
    called(
        queue,
        lambda event, _: events.append(event),
        on_failure_url=f"file:{tmp_path}/failed.jsonl",
        maximum_retry_attempts=0,
    )
    (told,) = lines(tmp_path / "failed.jsonl")
    assert told["requestContext"]["condition"] == "EventAgeExceeded"
    assert "responseContext" not in told
    assert events == []
