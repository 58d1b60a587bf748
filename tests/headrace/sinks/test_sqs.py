"""SQS: every byte arrives, entries fail one by one, FIFO groups keep their order."""

import base64
import uuid

import pytest

from headrace.errors import SettingsError
from headrace.sinks import Message, open_sink
from headrace.sinks import partial_writes as batches
from headrace.sinks.sqs import SqsSink
from tests.support.sinks import Answers


@pytest.fixture
def queue(aws):
    client = aws("sqs")

    def create(fifo=False, **attributes):
        name = f"sink-{uuid.uuid4().hex[:8]}" + (".fifo" if fifo else "")
        attributes |= {"FifoQueue": "true"} if fifo else {}
        url = client.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]

        def read():
            messages = []
            while found := client.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=10,
                MessageAttributeNames=["All"],
                MessageSystemAttributeNames=["All"],
            ).get("Messages"):
                messages += found
                for message in found:
                    client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            return messages

        return name, read

    return create


def acknowledge(entries):
    return {"Successful": [{"Id": entry["Id"]} for entry in entries]}


def failing(place, *, sender_fault):
    def answer(entries):
        failed = {"Id": str(place), "SenderFault": sender_fault, "Code": "Odd", "Message": "why"}
        ids = [entry["Id"] for entry in entries if entry["Id"] != str(place)]
        return {"Successful": [{"Id": i} for i in reversed(ids)], "Failed": [failed]}

    return answer


class Client:
    def __init__(self, *answers):
        self.send_message_batch = Answers("Entries", acknowledge, *answers)

    def sent(self):
        requests = self.send_message_batch.requests
        return [[entry["MessageBody"] for entry in request] for request in requests]


def test_messages_arrive_with_body_and_attributes(queue):
    name, read = queue()
    sink = open_sink(f"sqs://{name}")
    headers = (("trace.id", b"1"), ("raw", b"\xff"))
    messages = [Message(b"key", b'{"a": %d}' % i, headers, f"orders-0@{i}") for i in range(23)]
    assert sink.send(messages) == [None] * 23
    sink.close()
    received = read()
    assert sorted(m["Body"] for m in received) == sorted(m.value.decode() for m in messages)
    attributes = received[0]["MessageAttributes"]
    assert attributes["key"]["StringValue"] == "key"
    assert attributes["trace.id"]["StringValue"] == "1"
    assert attributes["raw"]["BinaryValue"] == b"\xff"
    assert set(attributes) == {"key", "trace.id", "raw"}


@pytest.mark.parametrize("value", [b"\xff\x00", b"a\x01b", "\ufffe".encode()])
def test_what_is_no_text_for_the_service_travels_as_base64(queue, value):
    name, read = queue()
    assert open_sink(f"sqs://{name}").send([Message(b"\xfe", value)]) == [None]
    (message,) = read()
    assert message["MessageAttributes"]["encoding"]["StringValue"] == "base64"
    assert message["MessageAttributes"]["key"]["BinaryValue"] == b"\xfe"
    assert base64.b64decode(message["Body"]) == value


@pytest.mark.parametrize(("value", "encoding"), [(None, "tombstone"), (b"", "empty")])
def test_values_without_bytes_are_told_apart(queue, value, encoding):
    name, read = queue()
    assert open_sink(f"sqs://{name}").send([Message(b"k", value)]) == [None]
    (message,) = read()
    assert message["MessageAttributes"]["encoding"]["StringValue"] == encoding


def test_a_fifo_queue_keeps_order_and_drops_repeats(queue):
    name, read = queue(fifo=True)
    sink = open_sink(f"sqs://{name}")
    keyed = [Message(b"a b" if i % 2 else b"b", b"%d" % i, (), f"t-0@{i}") for i in range(12)]
    keyless = [Message(None, b"x", (), "t-0@98"), Message(None, b"x", (), "t-0@99")]
    for _ in range(2):  # the second time is a redelivery
        assert sink.send(keyed + keyless) == [None] * 14
    received = read()
    assert len(received) == 14
    groups = {}
    for message in received:
        groups.setdefault(message["Attributes"]["MessageGroupId"], []).append(message["Body"])
    assert groups.pop("b") == ["0", "2", "4", "6", "8", "10"]
    assert sorted(groups.values()) == [["1", "3", "5", "7", "9", "11"], ["x"], ["x"]]


def test_too_large_a_message_fails_alone(queue):
    name, read = queue(MaximumMessageSize="2048")
    messages = [Message(None, b"1"), Message(None, b"x" * 3000), Message(None, b"x" * (1 << 20))]
    failures = open_sink(f"sqs://{name}").send([*messages, Message(b"k", b"x" * (1 << 20))])
    assert failures[0] is None
    assert all("2048" in str(failure) for failure in failures[1:3])  # in the service's words
    assert "1048586 bytes" in str(failures[3])  # with the attribute `key`
    assert [message["Body"] for message in read()] == ["1"]


def test_an_entry_at_fault_fails_alone_and_others_are_matched_by_id():
    client = Client(failing(1, sender_fault=True))
    sink = SqsSink(client, "https://queue", timeout=30)
    failures = sink.send([Message(None, b"%d" % i) for i in range(3)])
    assert [str(failure) for failure in failures] == ["None", "Odd: why", "None"]
    assert len(client.sent()) == 1


def test_an_entry_that_the_service_failed_goes_again(monkeypatch):
    monkeypatch.setattr(batches, "BACKOFF_SECONDS", 0.0)
    client = Client(failing(0, sender_fault=False))
    sink = SqsSink(client, "https://queue.fifo", timeout=30)
    messages = [Message(b"a", b"a1"), Message(b"a", b"a2"), Message(b"b", b"b1")]
    assert sink.send(messages) == [None] * 3
    assert client.sent() == [["a1", "b1"], ["a1"], ["a2"]]


def test_an_entry_without_an_answer_is_not_acknowledged():
    client = Client(lambda entries: {"Successful": [{"Id": "0"}]})
    failures = SqsSink(client, "https://queue", timeout=30).send([Message(None, b"1")] * 2)
    assert failures[0] is None
    assert "did not say" in str(failures[1])


def test_requests_stay_within_ten_entries_and_a_mebibyte():
    client = Client()
    sink = SqsSink(client, "https://queue", timeout=30)
    sink.send([Message(None, b"x")] * 11 + [Message(None, b"x" * 600_000)] * 2)
    assert [len(request) for request in client.sent()] == [10, 2, 1]


def test_a_message_without_an_encoding_fails_alone():
    client = Client()
    bad = Message(None, b"1", (("\ud800", b"1"),))
    failures = SqsSink(client, "https://queue", timeout=30).send([bad, Message(None, b"2")])
    assert isinstance(failures[0], ValueError)
    assert failures[1] is None
    assert client.sent() == [["2"]]


def test_a_missing_queue_is_an_error_when_opened(aws):
    with pytest.raises(SettingsError, match="no-such-queue"):
        open_sink("sqs://no-such-queue")


def test_the_account_of_the_queue_may_be_named(queue):
    name, read = queue()
    assert open_sink(f"sqs://123456789012/{name}").send([Message(None, b"1")]) == [None]
    assert len(read()) == 1
