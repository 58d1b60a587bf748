"""Dead letters that went to a topic are read from a queue that is subscribed to it."""

import uuid

import pytest

from headrace import Reject
from headrace.cli import main
from headrace.dead_letters.letter import write
from headrace.record import KinesisPosition, Record
from headrace.sinks import open_sink
from tests.support.sqs.queues import Queue


@pytest.fixture
def subscribed(aws):
    """Makes a queue, and the topic that tells it."""
    queue, topics = Queue(aws("sqs")), aws("sns")
    topic = topics.create_topic(Name=f"t-{uuid.uuid4().hex[:12]}")["TopicArn"]
    topics.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue.arn)
    return queue, topic


def test_a_letter_that_a_topic_told_is_listed_and_replayed(subscribed, aws, capsys):
    queue, topic = subscribed
    there = Queue(aws("sqs"))
    record = Record("kinesis", KinesisPosition("orders", "shardId-0", "7"), b'{"id": 1}')
    sink = open_sink(f"sns://{topic}")
    write(sink, record, Reject("no"))
    sink.close()

    box = f"sqs://{queue.name}"
    assert main(["dead-letters", "list", box]) == 0
    assert "shardId-0:7" in capsys.readouterr().out
    assert main(["dead-letters", "replay", box, "--all", "--to", f"sqs://{there.name}"]) == 0
    assert there.bodies() == ['{"id": 1}']
    assert queue.counts() == (0, 0)


def test_what_a_topic_told_otherwise_is_no_letter(subscribed, aws, capsys):
    queue, topic = subscribed
    aws("sns").publish(TopicArn=topic, Message="hello")

    assert main(["dead-letters", "list", f"sqs://{queue.name}"]) == 0
    assert "1 message is no dead letter" in capsys.readouterr().err
