"""Buckets and buses: events become the records that they hold, named alike by both."""

import pytest

from headrace.record import MessagePosition
from headrace.sources.eventbridge import EventBridge
from headrace.sources.s3 import S3
from tests.support.events import load


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
