"""A failure record, as AWS Lambda writes it, is read as the letters of its records."""

import msgspec
import pytest

from headrace.dead_letters import letter as dead_letter
from headrace.dead_letters import reading
from headrace.errors import Reject
from headrace.record import KafkaPosition, KinesisPosition, Record


@pytest.mark.parametrize(
    "name", ["t?bootstrap.servers=127.0.0.1:1", "a/b", "", "..", "x" * 250, "t\n", "t%00"]
)
def test_a_letter_that_names_what_no_topic_can_be_called_is_none(name):
    record = Record("kafka", KafkaPosition(name, 0, 7), b"x")
    ours = dead_letter.encode(record, Reject("no")).value
    theirs = failure(
        KafkaBatchInfo={
            "batchSize": 1,
            "recordsInfo": {f"{name}-0": {"firstRecordOffset": "1", "lastRecordOffset": "1"}},
        }
    )
    forged = {"topic": name, "partition": 0, "offset": 1}
    with_payload = failure(payload={"eventSource": "aws:kafka", "records": {"t-0": [forged]}})

    for data in (ours, theirs, with_payload):
        with pytest.raises(msgspec.DecodeError):
            reading.letters(data)


@pytest.mark.parametrize("name", ["s?endpoint=http://127.0.0.1:1", "a b", "x" * 129])
def test_a_letter_that_names_what_no_stream_can_be_called_is_none(name):
    record = Record("kinesis", KinesisPosition(name, "shardId-0", "1"), b"x")
    info = {
        "shardId": "shardId-0",
        "startSequenceNumber": "1",
        "endSequenceNumber": "1",
        "batchSize": 1,
        "streamArn": f"arn:aws:kinesis:us-east-2:123456789012:stream/{name}",
    }

    for data in (dead_letter.encode(record, Reject("no")).value, failure(KinesisBatchInfo=info)):
        with pytest.raises(msgspec.DecodeError):
            reading.letters(data)


def failure(**more):
    """A failure record as AWS Lambda documents it."""
    return msgspec.json.encode(
        {
            "requestContext": {
                "requestId": "316aa6d0-8154-xmpl-9af7-85d5f4a6bc81",
                "functionArn": "arn:aws:lambda:us-east-1:123456789012:function:f",
                "condition": "RetryAttemptsExhausted",
                "approximateInvokeCount": 1,
            },
            "responseContext": None,
            "version": "1.0",
            "timestamp": "2019-11-14T00:38:06.021Z",
        }
        | more
    )


KAFKA_INFO = {
    "batchSize": 500,
    "eventSourceArn": "arn:aws:kafka:us-east-1:123456789012:cluster/c/751d2973",
    "bootstrapServers": "...",
    "payloadSize": 2039086,
    "recordsInfo": {
        "my-topic-0": {
            "firstRecordOffset": "100",
            "lastRecordOffset": "599",
            "firstRecordTimestamp": "2019-11-14T00:38:04.835Z",
            "lastRecordTimestamp": "2019-11-14T00:38:05.580Z",
        },
        "my-topic-1": {"firstRecordOffset": "7", "lastRecordOffset": "7"},
    },
}


def test_the_service_s_record_for_a_queue_refers_to_the_records():
    first, second = reading.letters(failure(KafkaBatchInfo=KAFKA_INFO))
    assert (first.position, first.last) == (
        KafkaPosition("my-topic", 0, 100),
        KafkaPosition("my-topic", 0, 599),
    )
    assert (first.id, second.id) == ("my-topic-0@100…my-topic-0@599", "my-topic-1@7")
    assert (first.error_type, first.rejected_at) == ("RetryAttemptsExhausted", 1573691886021)
    with pytest.raises(LookupError, match="does not hold"):
        first.record()


def test_the_service_s_record_of_kinesis_refers_to_the_records():
    info = {
        "shardId": "shardId-000000000001",
        "startSequenceNumber": "49601",
        "endSequenceNumber": "49605",
        "approximateArrivalOfFirstRecord": "2019-11-14T00:38:04.835Z",
        "approximateArrivalOfLastRecord": "2019-11-14T00:38:05.580Z",
        "batchSize": 500,
        "streamArn": "arn:aws:kinesis:us-east-2:123456789012:stream/mystream",
    }
    (letter,) = reading.letters(failure(KinesisBatchInfo=info))
    assert letter.position == KinesisPosition("mystream", "shardId-000000000001", "49601")
    assert letter.last.sequence_number == "49605"


EVENT = {
    "eventSource": "aws:kafka",
    "records": {
        "my-topic-0": [
            {"topic": "my-topic", "partition": 0, "offset": offset, "value": "dmFsdWU="}
            for offset in (100, 101)
        ]
    },
}


@pytest.mark.parametrize("payload", [EVENT, msgspec.json.encode(EVENT).decode()])
def test_the_service_s_record_for_kafka_and_s3_holds_the_records(payload):
    letters = reading.letters(failure(KafkaBatchInfo=KAFKA_INFO, payload=payload))
    assert [letter.record().position.offset for letter in letters] == [100, 101]
    assert letters[0].value == b"value"


def test_an_error_that_the_service_has_cut_keeps_no_record_from_being_read():
    """GIVEN half of a surrogate pair, escaped, THEN the letter is read as any other."""
    error = {"errorType": "E", "errorMessage": "cut"}
    whole = failure(KafkaBatchInfo=KAFKA_INFO, payload=EVENT, responsePayload=error)
    letters = reading.letters(whole.replace(b'"cut"', rb'"cut\ud83d"'))
    assert [letter.record().position.offset for letter in letters] == [100, 101]
    assert letters[0].error == "E: cut\ud83d"


@pytest.mark.parametrize(
    "more",
    [
        {"timestamp": "yesterday"},
        {"payload": "not json"},
        {"payload": {"eventSource": "aws:kafka", "records": 7}},
        {"KafkaBatchInfo": KAFKA_INFO | {"recordsInfo": {"t-x": {"firstRecordOffset": "1"}}}},
        {"requestContext": {}},
    ],
)
def test_a_damaged_failure_record_is_an_error(more):
    with pytest.raises(msgspec.DecodeError):
        reading.letters(failure(**more))
