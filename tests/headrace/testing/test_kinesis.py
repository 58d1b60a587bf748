"""The stand-in for Kinesis of a test."""

import pytest

from headrace import Reject, Worker
from headrace.testing import kinesis_record

pytestmark = pytest.mark.kinesis


class Orders(Worker):
    def process(self, record):
        if record.json() == "bad":
            raise Reject("bad")
        return record.json()


def test_what_is_written_is_read(headrace_kinesis):
    stream = headrace_kinesis.stream()
    stream.produce([{"id": 1}, kinesis_record(b"\xff", "k")], key="x")
    first, second = stream.records()
    assert (first.json(), first.key) == ({"id": 1}, b"x")
    assert (second.value, second.key) == (b"\xff", b"k")


def test_a_run_goes_on_where_the_one_before_ended(headrace_kinesis):
    stream, results = headrace_kinesis.stream(shards=2), headrace_kinesis.stream()
    stream.produce(range(8))
    assert stream.run(Orders, sink_url=results.url).done == 8
    stream.produce([8, 9])
    assert stream.run(Orders, sink_url=results.url).done == 2
    assert sorted(record.json() for record in results.records()) == [*range(10)]
    assert len(stream.committed()) == 2


def test_aws_points_to_the_stand_in_for_other_sinks_too(headrace_kinesis):
    import boto3

    queue = boto3.client("sqs").create_queue(QueueName="letters")["QueueUrl"]
    stream = headrace_kinesis.stream()
    stream.produce(['"bad"'])
    stream.run(Orders, dead_letter_url="sqs://letters")
    messages = boto3.client("sqs").receive_message(QueueUrl=queue)["Messages"]
    assert len(messages) == 1
