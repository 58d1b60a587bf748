"""S3: an object for each message, none overwritten, names safe and in order of time."""

import base64
import re
import uuid

import pytest

from headrace.sinks import Message, open_sink
from headrace.sinks.s3 import S3Sink, object_name


@pytest.fixture
def bucket(aws):
    client = aws("s3")
    name = f"sink-{uuid.uuid4().hex[:8]}"
    location = {"LocationConstraint": client.meta.region_name}
    client.create_bucket(Bucket=name, CreateBucketConfiguration=location)

    def read():
        names = [o["Key"] for o in client.list_objects_v2(Bucket=name).get("Contents", ())]
        return {key: client.get_object(Bucket=name, Key=key) for key in names}

    return name, read


def test_each_message_is_an_object_with_its_metadata(bucket):
    name, read = bucket
    sink = open_sink(f"s3://{name}/dead/letters/")
    sent = [Message(b"k\xff", b'{"a": %d}' % i, (("h", b"\x00"),), f"t-0@{i}") for i in range(20)]
    assert sink.send(sent) == [None] * 20
    sink.close()
    objects = read()
    assert all(re.fullmatch(r"dead/letters/[\w.=@:-]+", key) for key in objects)
    assert [found["Body"].read() for found in objects.values()] == [m.value for m in sent]
    first = next(iter(objects.values()))
    assert first["ContentType"] == "application/json"
    assert first["Metadata"]["id"] == "t-0@0"
    assert base64.b64decode(first["Metadata"]["key"]) == b"k\xff"
    assert base64.b64decode(first["Metadata"]["headers"]) == b'[["h","AA=="]]'


def test_the_same_record_twice_overwrites_nothing(bucket):
    name, read = bucket
    sink = open_sink(f"s3://{name}")
    for value in (b"first", b"second"):
        sink.send([Message(None, value, (), "t-0@1")])
    assert sorted(found["Body"].read() for found in read().values()) == [b"first", b"second"]


def test_tombstones_and_large_headers_are_written_all_the_same(bucket):
    name, read = bucket
    headers = (("h", b"x" * 3000),)
    assert open_sink(f"s3://{name}").send([Message(b"k", None, headers, "é/../x")]) == [None]
    ((key, found),) = read().items()
    assert found["Body"].read() == b""
    assert found["Metadata"] == {"tombstone": "true", "id": "%C3%A9%2F..%2Fx", "key": "aw=="}
    assert "/" not in key


def test_a_missing_bucket_is_the_reason_of_every_message(aws):
    failures = open_sink("s3://no-such-bucket").send([Message(None, b"1")] * 3)
    assert all("NoSuchBucket" in str(failure) for failure in failures)


def test_an_object_that_fails_fails_alone():
    class Client:
        def put_object(self, Body, **_):  # noqa: N803 - the service's own name
            if Body == b"bad":
                raise OSError("refused")

    sink = S3Sink(Client(), "bucket", "", timeout=30)
    failures = sink.send([Message(None, v) for v in (b"1", b"bad", b"3")])
    assert [str(failure) for failure in failures] == ["None", "refused", "None"]


def test_after_the_timeout_nothing_more_is_put():
    sink = S3Sink(None, "bucket", "", timeout=-1)
    assert [str(f) for f in sink.send([Message(None, b"1")] * 2)] == [
        "not acknowledged in time"
    ] * 2


def test_names_are_short_and_safe():
    name = object_name(Message(None, b"", (), "ü/\n " + "x" * 2000))
    assert re.fullmatch(r"[A-Za-z0-9_.=@:-]{1,600}", name)
