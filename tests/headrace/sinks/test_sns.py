"""SNS: topics by name and ARN, every byte arrives at a subscriber, entries fail one by one."""

import json
import uuid

import pytest

from headrace.sinks import Message, open_sink
from headrace.sinks.base import ContentRefused
from headrace.sinks.sns import SnsSink
from tests.support.sinks import Answers


@pytest.fixture
def topic(aws):
    """A topic with a queue that receives what is published."""
    sns, sqs = aws("sns"), aws("sqs")
    name = f"sink-{uuid.uuid4().hex[:8]}"
    arn = sns.create_topic(Name=name)["TopicArn"]
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    queue_arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queue_arn["Attributes"]["QueueArn"])

    def read():
        received = []
        while found := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
            received += [json.loads(message["Body"]) for message in found]
        return received

    return arn, read


def acknowledge(entries):
    return {"Successful": [{"Id": entry["Id"]} for entry in entries]}


class Client:
    def __init__(self, *answers):
        self.publish_batch = Answers("PublishBatchRequestEntries", acknowledge, *answers)


@pytest.mark.parametrize("by", ["arn", "name"])
def test_messages_reach_a_subscriber(topic, by):
    arn, read = topic
    sink = open_sink(f"sns://{arn if by == 'arn' else arn.rpartition(':')[2]}")
    messages = [Message(b"key", b'{"a": %d}' % i, (("h", b"x"),)) for i in range(12)]
    assert sink.send(messages) == [None] * 12
    sink.close()
    received = read()
    assert sorted(n["Message"] for n in received) == sorted(m.value.decode() for m in messages)
    assert received[0]["MessageAttributes"]["key"] == {"Type": "String", "Value": "key"}
    assert received[0]["MessageAttributes"]["h"] == {"Type": "String", "Value": "x"}


def test_the_region_of_an_arn_is_used(aws, monkeypatch):
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    open_sink("sns://arn:aws:sns:eu-central-1:123456789012:topic").close()


def test_a_missing_topic_is_the_reason_of_every_message(aws):
    sink = open_sink("sns://arn:aws:sns:eu-west-1:123456789012:missing")
    assert all(sink.send([Message(None, b"1")] * 2))


def test_too_large_a_message_fails_alone(topic):
    arn, read = topic
    messages = [Message(None, b"1"), Message(None, b"x" * 300_000), Message(None, b"3")]
    failures = open_sink(f"sns://{arn}").send(messages)
    assert [failures[0], failures[2]] == [None, None]
    assert failures[1] is not None
    assert sorted(n["Message"] for n in read()) == ["1", "3"]


def test_what_the_topic_refuses_for_its_size_is_refused_for_its_content(topic):
    """So that a failure record is written without its payload then, and not tried without end."""
    arn, _ = topic
    sink = open_sink(f"sns://{arn}")
    (failure,) = sink.send([Message(b"k", b"x" * 300_000)])  # a topic takes 256 KiB by default
    sink.close()
    assert isinstance(failure, ContentRefused)
    assert "too long" in str(failure)


def test_a_message_larger_than_most_topics_take_goes_alone():
    client = Client()
    sink = SnsSink(client, "arn:topic", timeout=30)
    assert sink.send([Message(None, b"x" * n) for n in (1, 300_000, 1)]) == [None] * 3
    assert [len(entries) for entries in client.publish_batch.requests] == [1, 1, 1]


def test_a_fifo_topic_gets_groups_in_order():
    client = Client()
    sink = SnsSink(client, "arn:topic.fifo", timeout=30)
    sink.send([Message(b"a", b"1", (), "x"), Message(b"a", b"2", (), "y"), Message(b"b", b"3")])
    requests = client.publish_batch.requests
    assert [[e["Message"] for e in entries] for entries in requests] == [["1", "3"], ["2"]]
    assert {e["MessageGroupId"] for entries in requests for e in entries} == {"a", "b"}
