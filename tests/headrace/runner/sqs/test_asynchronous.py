"""SNS, S3 and EventBridge reach a function through a queue, and it is called as they would."""

import json

import pytest

from headrace import Worker, lambda_handler
from headrace.errors import SettingsError
from headrace.runner import MappingSettings, run
from headrace.runner.sqs.asynchronous.event import NoEvent, original_event
from tests.support.sinks import REGION
from tests.support.sqs.queues import Queue, called, source_of, worker


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
