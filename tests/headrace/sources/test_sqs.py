"""Queues: messages become records, and the answer names those that are not done."""

import json
from pathlib import Path

import pytest

from headrace import Worker, lambda_handler
from headrace.errors import MalformedEvent, NotDone
from headrace.processing.outcomes import Outcomes
from headrace.record import MessagePosition
from headrace.sources.sqs import Sqs
from headrace.sources.sqs_received import to_record

EVENTS = Path(__file__).parents[2] / "events"


def load(name):
    return json.loads((EVENTS / f"{name}.json").read_text())


def test_messages_of_a_queue():
    first, second = Sqs().records(load("sqs"))
    assert first.position == MessagePosition("orders", "059f36b4-87a3-44ab-83d2-661975830a7d")
    assert first.id == "orders:059f36b4-87a3-44ab-83d2-661975830a7d"
    assert (first.key, first.json(), first.timestamp) == (None, {"id": 1}, 1545082649183)
    assert first.headers == (
        ("trace", b"abc"),
        ("raw", bytes([0, 1, 255])),
        ("aws.receive-count", b"1"),
    )
    assert (second.text(), second.headers) == ("Zürich", (("aws.receive-count", b"3"),))


@pytest.mark.parametrize(
    "wrong",
    [{"body": None}, {"body": 1}, {"messageId": 1}, {"messageId": None}, {"body": ["text"]}],
)
def test_an_event_of_a_queue_with_another_shape_is_refused_as_a_whole(wrong):
    first, second = load("sqs")["Records"]
    with pytest.raises(MalformedEvent, match="malformed SQS event: Expected `str`"):
        Sqs().records({"Records": [first, {**second, **wrong}]})
    with pytest.raises(MalformedEvent, match="malformed SQS event"):
        Sqs().records({"Records": [first, None]})


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ({"attributes": None}, ("key", "headers", "timestamp")),
        ({"attributes": {"MessageGroupId": 1}}, ("key", "headers", "timestamp")),
        ({"messageAttributes": {"a": "text"}}, ("headers",)),
        ({"eventSourceARN": []}, ("position", "id")),
    ],
)
def test_attributes_of_another_shape_are_refused_when_they_are_asked_for(wrong, fields):
    (record,) = Sqs().records({"Records": [{**load("sqs")["Records"][0], **wrong}]})
    for field in fields:
        with pytest.raises(MalformedEvent, match="malformed SQS event"):
            getattr(record, field)
    assert record.json() == {"id": 1}


def test_a_message_that_names_no_queue_or_holds_half_a_character_is_kept_as_it_is():
    (record,) = Sqs().records({"Records": [{"messageId": "m1", "body": "\ud83d"}]})
    assert (record.value, record.position) == (b"\xed\xa0\xbd", MessagePosition("", "m1"))
    assert (record.key, record.headers, record.timestamp) == (None, (), None)


def test_a_message_group_is_the_key():
    assert [record.key for record in Sqs().records(load("sqs_fifo"))] == [b"a", b"b", b"a"]


def test_a_group_of_a_standard_queue_has_no_order_and_holds_nothing_back(monkeypatch):
    """Of a fair queue, where groups tell tenants apart, a failure came to be its whole group's."""
    monkeypatch.setenv("HEADRACE_REPORT_BATCH_ITEM_FAILURES", "true")
    event = json.loads(json.dumps(load("sqs_fifo")).replace("orders.fifo", "orders"))

    class Tenants(Worker):
        def process(self, record):
            assert record.key is None
            assert dict(record.headers)["aws.message-group"] in {b"a", b"b"}
            if record.value == b"1":
                raise OSError("away")

    answer = lambda_handler(Tenants)(event)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    received = {"MessageId": "m", "Body": "1", "Attributes": {"MessageGroupId": "a"}}
    record = to_record(received, "orders")
    assert (record.key, record.headers) == (None, (("aws.message-group", b"a"),))
    assert to_record(received, "orders.fifo").key == b"a"


@pytest.mark.parametrize(("failed", "named"), [((), []), ((1,), ["m2"]), ((0, 2), ["m1", "m3"])])
def test_the_answer_to_a_queue_names_each_message_that_is_not_done(failed, named):
    records = Sqs().records(load("sqs_fifo"))
    outcomes = Outcomes(records, {index: NotDone("") for index in failed})

    answer = Sqs().respond(outcomes)

    assert [one["itemIdentifier"] for one in answer["batchItemFailures"]] == named
