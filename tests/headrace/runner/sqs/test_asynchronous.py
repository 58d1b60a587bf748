"""SNS, S3 and EventBridge reach a function through a queue, and it is called as they would."""

import json
import time

import pytest

from headrace import Worker, lambda_handler
from headrace.cli import main
from headrace.errors import SettingsError
from headrace.runner import MappingSettings, run
from headrace.runner.sqs.asynchronous import open as opening
from headrace.runner.sqs.asynchronous.event import NoEvent, original_event
from headrace.sinks.lines import decode as lines_decode
from tests.support.sinks import REGION
from tests.support.sqs.queues import Queue, run_until_idle, source_of, worker


@pytest.fixture
def client(aws):
    return aws("sqs")


@pytest.fixture
def quick(monkeypatch):
    """A minute is a second."""
    monkeypatch.setattr(opening, "_RETRY_SECONDS", 1)


def called(queue, function, **more):
    of_source = {name: more.pop(name) for name in list(more) if name in SOURCE}
    source = source_of(queue, asynchronous=True, **of_source)
    return run_until_idle(function, queue, source=source, **more)


SOURCE = ("on_success_url", "maximum_event_age_in_seconds")


def lines(path):
    """What a file sink holds."""
    return [json.loads(line)["value"] for line in path.read_text().splitlines()]


def test_a_message_of_sns_is_the_event_that_sns_calls_with(client, aws):
    queue, events, sns = Queue(client), [], aws("sns")
    topic = sns.create_topic(Name="news")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue.arn)
    attribute = {"color": {"DataType": "String", "StringValue": "red"}}
    sns.publish(TopicArn=topic, Message="hello", Subject="s", MessageAttributes=attribute)
    called(queue, lambda event, _: events.append(event))
    (record,) = events[0]["Records"]
    assert record["EventSource"] == "aws:sns"
    assert record["Sns"]["Message"] == "hello"
    assert record["Sns"]["TopicArn"] == topic
    assert record["Sns"]["MessageAttributes"] == {"color": {"Type": "String", "Value": "red"}}
    assert queue.counts() == (0, 0)


def test_a_worker_takes_it_as_it_takes_the_service_s_own(client, aws):
    seen = []

    class Uploads(Worker):
        def process(self, record):
            seen.append((record.source, record.json()["key"]))

    queue, s3 = Queue(client), aws("s3")
    s3.create_bucket(Bucket="uploads", CreateBucketConfiguration={"LocationConstraint": REGION})
    told = {"QueueArn": queue.arn, "Events": ["s3:ObjectCreated:*"]}
    s3.put_bucket_notification_configuration(
        Bucket="uploads", NotificationConfiguration={"QueueConfigurations": [told]}
    )
    s3.put_object(Bucket="uploads", Key="a cat.jpg", Body=b"x")
    stats = called(queue, lambda_handler(Uploads))
    assert seen == [("s3", "a cat.jpg")]
    assert stats.snapshot().failed == 0  # the test event of a new notification is no failure


def test_an_event_of_a_bus_is_given_as_it_is(client, aws):
    queue, events, bus = Queue(client), [], aws("events")
    bus.put_rule(Name="all", EventPattern=json.dumps({"source": ["shop"]}))
    bus.put_targets(Rule="all", Targets=[{"Id": "q", "Arn": queue.arn}])
    entry = {"Source": "shop", "DetailType": "Order", "Detail": json.dumps({"id": 1})}
    bus.put_events(Entries=[entry])
    called(queue, lambda event, _: events.append(event))
    assert (events[0]["detail-type"], events[0]["detail"]) == ("Order", {"id": 1})


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


NOTIFICATION = {
    "Type": "Notification",
    "MessageId": "m1",
    "TopicArn": "arn:topic",
    "Message": "hello",
    "Timestamp": "2026-03-01T12:00:00.000Z",
}


@pytest.mark.parametrize(
    ("leave", "subscription"),
    [
        ("https://sns/?Action=Unsubscribe&SubscriptionArn=arn:one", "arn:one"),
        *((wrong, "arn:topic") for wrong in ("https://sns/", "http://[", "", None, 1, ["x"], {})),
    ],
)
def test_the_subscription_is_read_of_the_address_that_ends_it(leave, subscription):
    told = original_event(json.dumps(NOTIFICATION | {"UnsubscribeURL": leave}).encode())
    assert told["Records"][0]["EventSubscriptionArn"] == subscription


@pytest.mark.parametrize(
    ("body", "looks_like"),
    [
        (b"text", "not JSON"),
        (b"[1]", "a JSON list"),
        (b'{"id": 1}', "no event of SNS, S3 or EventBridge: it has id"),
        (b'{"Type": "SubscriptionConfirmation"}', "it has Type"),
        (b'{"Records": [{"eventSource": "aws:sqs"}]}', "it has Records"),
        (json.dumps(NOTIFICATION | {"TopicArn": None}).encode(), "it has Message, MessageId"),
    ],
)
def test_another_message_is_no_event(body, looks_like):
    with pytest.raises(NoEvent, match=looks_like):
        original_event(body)


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"maximum_retry_attempts": 3, "on_failure_url": "file:x"}, "has 0 to 2"),
        ({"batch_size": 2}, "one message"),
        ({"parallelization_factor": 2}, "is for streams"),
    ],
)
def test_what_an_asynchronous_invocation_has_not_is_refused(client, settings, complaint):
    source = source_of(Queue(client), asynchronous=True)
    with pytest.raises(SettingsError, match=complaint):
        run(worker(print), source, MappingSettings(**settings))
