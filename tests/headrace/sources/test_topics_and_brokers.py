"""Topics, brokers and collections: events become the records that they hold."""

import json

from headrace.record import MessagePosition
from headrace.sources.documentdb import DocumentDb
from headrace.sources.mq import Mq
from headrace.sources.sns import Sns
from tests.support.events import load


def test_a_notification_of_a_topic():
    (record,) = Sns().records(load("sns"))
    assert record.position == MessagePosition("orders", "95df01b4-ee98-5cb9-9903-4c221d41eb5e")
    assert (record.json(), record.timestamp) == ({"id": 1}, 1546433107000)
    assert record.headers == (
        ("trace", b"abc"),
        ("raw", bytes([0, 1, 255])),
        ("aws.subject", b"an order"),
    )


def test_messages_of_activemq():
    (record,) = Mq().records(load("activemq"))
    assert record.position == MessagePosition("testQueue", "ID:b-9bcf-1:1")
    assert (record.text(), record.timestamp) == ("ABC:AAAA", 1598827811958)
    assert record.headers == (("index", b"1"), ("doAlarm", b"false"))


def test_messages_of_rabbitmq():
    (record,) = Mq().records(load("rabbitmq"))
    assert record.position.origin == "pizzaQueue::/"
    assert (record.json(), record.headers) == (
        {"timeout": 0},
        (("header1", b"value1"), ("count", b"10")),
    )


def test_messages_of_rabbitmq_are_named_by_their_ids_and_else_never_taken_for_one():
    """A table passed over the first message of each batch but the first."""
    event = load("rabbitmq")
    (first,), (second,) = Mq().records(event), Mq().records(event)
    assert first.id != second.id
    event["rmqMessagesByQueue"]["pizzaQueue::/"][0]["basicProperties"]["messageId"] = "m1"
    assert Mq().records(event)[0].position == MessagePosition("pizzaQueue::/", "m1")


def test_changes_of_a_document():
    (record,) = DocumentDb().records(load("documentdb"))
    assert record.position.origin == "test_database.test_collection"
    assert json.loads(record.key) == {"_id": {"$oid": "63eeb6e7d418cd98afb1c1d7"}}
    assert record.json()["fullDocument"]["anyField"] == "sampleValue"
    assert record.timestamp == 1676588775000


def test_what_a_broker_or_a_collection_may_leave_out_fails_no_batch():
    """The batch came again for ever: a text without content, a stream whose collection is gone."""
    event = load("activemq")
    event["messages"][0]["data"] = None
    assert Mq().records(event)[0].value is None
    event = load("documentdb")
    ends = {"_id": {"_data": "02"}, "operationType": "invalidate"}
    event["events"].append({"event": ends})
    record = DocumentDb().records(event)[1]
    assert (record.json(), record.key) == (ends, None)
