"""Topics, brokers, buses and buckets: events become the records that they hold."""

import base64
import gzip
import json
from pathlib import Path

import pytest

from headrace.errors import MalformedEvent
from headrace.record import MessagePosition
from headrace.sources.cloudwatch_logs import CloudWatchLogs
from headrace.sources.documentdb import DocumentDb
from headrace.sources.eventbridge import EventBridge
from headrace.sources.mq import Mq
from headrace.sources.s3 import S3
from headrace.sources.sns import Sns

EVENTS = Path(__file__).parents[2] / "events"


def load(name):
    return json.loads((EVENTS / f"{name}.json").read_text())


def test_a_notification_of_a_topic():
    (record,) = Sns().records(load("sns"))
    assert record.position == MessagePosition("orders", "95df01b4-ee98-5cb9-9903-4c221d41eb5e")
    assert (record.json(), record.timestamp) == ({"id": 1}, 1546433107000)
    assert record.headers == (
        ("trace", b"abc"),
        ("raw", bytes([0, 1, 255])),
        ("aws.subject", b"an order"),
    )


def test_objects_of_a_bucket_have_decoded_keys():
    created, removed = S3().records(load("s3"))
    assert created.json() == {
        "event": "ObjectCreated:Put",
        "bucket": "photos",
        "key": "a bü/1.jpg",
        "size": 1305107,
        "etag": "b21b84d653bb07b05b1e6b33684dc11b",
        "version_id": "v1",
        "sequencer": "0C0F6F405D6ED209E1",
    }
    assert created.id == "photos:a bü/1.jpg@0C0F6F405D6ED209E1"
    assert (created.key, created.timestamp) == ("a bü/1.jpg".encode(), 1567539447192)
    assert removed.json()["event"] == "ObjectRemoved:Delete"


def test_the_test_of_a_new_notification_holds_no_record():
    assert S3().records({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "photos"}) == []


def test_an_event_of_a_bus():
    (record,) = EventBridge().records(load("eventbridge"))
    assert record.position == MessagePosition("shop.orders", "fe8d3c65-xmpl-c5c3-2c87-81584709a377")
    assert record.json() == {"id": 1, "amount": 9.5}
    assert dict(record.headers)["aws.detail-type"] == b"Order placed"
    assert record.timestamp == 1588058420000


@pytest.mark.parametrize(
    ("kind", "detail", "name"),
    [
        ("Object Created", {"reason": "PutObject"}, "ObjectCreated:Put"),
        ("Object Created", {"reason": "POST Object"}, "ObjectCreated:Post"),
        ("Object Created", {"reason": "CopyObject"}, "ObjectCreated:Copy"),
        (
            "Object Created",
            {"reason": "CompleteMultipartUpload"},
            "ObjectCreated:CompleteMultipartUpload",
        ),
        ("Object Created", {"reason": "SomethingNew"}, "ObjectCreated:SomethingNew"),
        ("Object Created", {}, "ObjectCreated"),
        (
            "Object Deleted",
            {"reason": "DeleteObject", "deletion-type": "Permanently Deleted"},
            "ObjectRemoved:Delete",
        ),
        (
            "Object Deleted",
            {"reason": "DeleteObject", "deletion-type": "Delete Marker Created"},
            "ObjectRemoved:DeleteMarkerCreated",
        ),
        (
            "Object Deleted",
            {"reason": "Lifecycle Expiration", "deletion-type": "Delete Marker Created"},
            "LifecycleExpiration:DeleteMarkerCreated",
        ),
        ("Object Restore Completed", {}, "ObjectRestore:Completed"),
        ("Object Tags Deleted", {}, "ObjectTagging:Delete"),
        ("Object Storage Class Changed", {}, "LifecycleTransition"),
        ("Object Something New", {}, "ObjectSomethingNew"),
    ],
)
def test_what_a_bus_tells_of_an_object_has_the_name_that_s3_gives_it(kind, detail, name):
    """A worker that looks for removed objects saw those of S3 itself alone."""
    event = load("eventbridge_s3")
    del event["detail"]["reason"]
    event |= {"detail-type": kind, "detail": event["detail"] | detail}
    (record,) = EventBridge().records(event)
    assert record.json()["event"] == name


def test_an_event_of_a_partner_s_bus():
    (record,) = EventBridge().records(load("eventbridge_partner"))
    assert record.json()["ChangeEventHeader"]["recordIds"] == ["001"]
    source = b"aws.partner/appflow/salesforce.com/123456789012/accounts"
    assert ("aws.source", source) in record.headers
    assert record.id == f"{source.decode()}:7b1c5a8e-3f0e-4a52-9d7c-1f2e3d4c5b6a"


def test_an_object_is_told_alike_by_s3_and_by_eventbridge():
    (record,) = EventBridge().records(load("eventbridge_s3"))
    assert record.source == "s3"
    assert record.json() == {
        "event": "ObjectCreated:Put",
        "bucket": "photos",
        "key": "a bü/1.jpg",
        "size": 5,
        "etag": "b1946ac92492d2347c6235b4d2611184",
        "version_id": "IYV3p45BT0ac8hjHg1houSdS1a.Mro8e",
        "sequencer": "617f08299329d189",
    }


def test_messages_of_activemq():
    (record,) = Mq().records(load("activemq"))
    assert record.position == MessagePosition("testQueue", "ID:b-9bcf-1:1")
    assert (record.text(), record.timestamp) == ("ABC:AAAA", 1598827811958)
    assert record.headers == (("index", b"1"), ("doAlarm", b"false"))


def test_objects_are_named_by_what_happened_to_them():
    """Without a sequencer, a second change of an object's tags was taken for the first."""
    (event, _) = load("s3")["Records"]
    del event["s3"]["object"]["sequencer"]
    told = [
        event | {"eventName": name, "eventTime": f"2026-03-01T12:00:00.{milliseconds}Z"}
        for name in ("ObjectTagging:Put", "ObjectAcl:Put")
        for milliseconds in (100, 200)
    ]
    bus = load("eventbridge_s3") | {"detail-type": "Object Tags Added"}
    del bus["detail"]["object"]["sequencer"]
    of_bus = [r for one in "ab" for r in EventBridge().records(bus | {"id": one})]

    records = S3().records({"Records": told}) + of_bus

    assert len({record.id for record in records}) == len(records) == 6
    assert records[0].id == "photos:a bü/1.jpg@ObjectTagging:Put:v1:1772366400100"
    assert S3().records({"Records": told}) == records[:4]  # it is the same when it comes again


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


def logs(batch):
    packed = gzip.compress(json.dumps(batch).encode(), mtime=0)
    return {"awslogs": {"data": base64.b64encode(packed).decode()}}


def test_lines_of_a_log():
    event = logs(
        {
            "messageType": "DATA_MESSAGE",
            "owner": "123456789012",
            "logGroup": "/aws/lambda/a",
            "logStream": "s",
            "subscriptionFilters": ["f"],
            "logEvents": [
                {"id": "e1", "timestamp": 1440442987000, "message": "[ERROR] first"},
                {"id": "e2", "timestamp": 1440442987001, "message": "Zürich"},
            ],
        }
    )
    first, second = CloudWatchLogs().records(event)
    assert first.position == MessagePosition("/aws/lambda/a", "e1")
    assert (first.key, first.text(), first.timestamp) == (b"s", "[ERROR] first", 1440442987000)
    assert second.text() == "Zürich"


def test_the_message_that_tries_a_subscription_holds_no_record():
    assert CloudWatchLogs().records(logs({"messageType": "CONTROL_MESSAGE"})) == []


@pytest.mark.parametrize(
    "event",
    [
        {"awslogs": {"data": ""}},
        {"awslogs": {"data": base64.b64encode(b"nothing packed").decode()}},
        logs([1]),
        logs({"messageType": "DATA_MESSAGE", "logGroup": "g"}),
        logs({"messageType": "UNHEARD_OF", "logEvents": []}),
        {"awslogs": {"data": base64.b64encode(gzip.compress(b'{"logGroup": "\xff"}')).decode()}},
    ],
)
def test_a_log_that_does_not_unpack_is_one_error(event):
    with pytest.raises(MalformedEvent, match="malformed CloudWatch Logs event") as raised:
        CloudWatchLogs().records(event)
    assert "\n" not in str(raised.value)


def test_a_log_that_unpacks_to_very_much_is_refused():
    packed = gzip.compress(b" " * 80_000_000)
    with pytest.raises(MalformedEvent, match="unpacks to over"):
        CloudWatchLogs().records({"awslogs": {"data": base64.b64encode(packed).decode()}})
