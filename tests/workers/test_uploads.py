"""The object detector on uploads: as S3, EventBridge and queues tell of them."""

import io
import json
import uuid
from urllib.parse import quote_plus

import boto3
import pytest
from PIL import Image

from headrace import lambda_handler
from headrace.errors import SettingsError
from headrace.testing.moto_server import aws_environment
from tests.workers.test_object_detector import environment, image_file, server, sink, store
from workers.object_detector import ObjectDetector

pytestmark = pytest.mark.kinesis
__all__ = ["environment", "server", "sink", "store"]  # fixtures

KEY = "in/a cat (1).png"


class Bucket:
    """A bucket of the stand-in, with one picture in it."""

    def __init__(self, client, name=None) -> None:
        self.name = name or f"uploads-{uuid.uuid4().hex[:8]}"
        self.client = client
        client.create_bucket(Bucket=self.name)
        self.put(KEY, image_file())

    def put(self, key, data):
        self.client.put_object(Bucket=self.name, Key=key, Body=data)

    def event(self, key=KEY, event="ObjectCreated:Put", **about):
        """As S3 tells of it."""
        told = {"key": quote_plus(key), "size": 100, "eTag": "e", "sequencer": "1"} | about
        return {
            "Records": [
                {
                    "eventSource": "aws:s3",
                    "eventName": event,
                    "eventTime": "2026-01-01T00:00:00.000Z",
                    "s3": {"bucket": {"name": self.name, "arn": "arn:aws:s3:::b"}, "object": told},
                }
            ]
        }

    def bus_event(self, key=KEY):
        """As EventBridge tells of it."""
        about = {"bucket": {"name": self.name}, "object": {"key": key, "size": 100}}
        return {
            "version": "0",
            "id": "e1",
            "detail-type": "Object Created",
            "source": "aws.s3",
            "account": "123456789012",
            "time": "2026-01-01T00:00:00Z",
            "region": "eu-west-1",
            "resources": [],
            "detail": {**about, "reason": "PutObject"},
        }


def queued(*bodies):
    """Messages of a queue that hold events."""
    return {
        "Records": [
            {
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:uploads",
                "messageId": f"m{number}",
                "attributes": {"ApproximateReceiveCount": "1"},
                "body": json.dumps(body),
            }
            for number, body in enumerate(bodies)
        ]
    }


def notified(event):
    """The same by a topic that a queue is subscribed to."""
    return {"Type": "Notification", "MessageId": "n", "TopicArn": "t", "Message": json.dumps(event)}


@pytest.fixture(scope="module")
def client(moto_server):
    with pytest.MonkeyPatch.context() as environment:
        for name, value in aws_environment(moto_server).items():
            environment.setenv(name, value)
        return boto3.Session().client("s3")


@pytest.fixture
def bucket(moto_server, environment, client):
    for name, value in aws_environment(moto_server).items():
        environment.setenv(name, value)
    made = Bucket(client)
    environment.setenv("HEADRACE_UPLOAD_BUCKETS", made.name)
    environment.setenv("HEADRACE_UNWRAP", "sns,s3,eventbridge")
    return made


@pytest.fixture
def handler(bucket):
    handler = lambda_handler(ObjectDetector)
    yield handler
    handler.close()


def results(sink):
    lines = sink.read_text().splitlines() if sink.exists() else []
    return [json.loads(line)["value"] for line in lines]


def letters(sink):
    file = sink.with_name(f"{sink.name}.dead")
    lines = file.read_text().splitlines() if file.exists() else []
    return [json.loads(line)["value"] for line in lines]


@pytest.mark.parametrize(
    "told",
    [
        lambda bucket: bucket.event(),
        lambda bucket: bucket.bus_event(),
        lambda bucket: queued(bucket.event()),
        lambda bucket: queued(bucket.bus_event()),
        lambda bucket: queued(notified(bucket.event())),
    ],
    ids=["S3", "EventBridge", "S3 in a queue", "EventBridge in a queue", "S3 by SNS in a queue"],
)
def test_an_upload_is_read_and_its_detections_go_to_the_sink(told, bucket, handler, sink):
    handler(told(bucket))
    (found,) = results(sink)
    assert (found["bucket"], found["key"]) == (bucket.name, KEY)
    assert found["detection_class_entities"] == ["cat", "dog"]
    assert found["detection_scores"] == pytest.approx([0.9, 0.6])
    assert "picture" not in found
    assert letters(sink) == []


def test_each_object_has_its_own_outcome(bucket, handler, environment, sink):
    """Too large, no image, or of another bucket: to the dead letters. Gone: nothing is left."""
    bucket.put("large.png", bytes(10_000_001))
    bucket.put("text.png", b"hello")
    bucket.put("empty.png", b"")
    bucket.put("folder/", b"")  # as a console makes one
    other = bucket.event()
    other["Records"][0]["s3"]["bucket"]["name"] = "of-somebody-else"
    response = handler(
        queued(
            bucket.event("large.png", size=10_000_001),
            bucket.event("large.png", size=5),  # whatever the event says
            bucket.event("text.png"),
            bucket.event("empty.png", size=0),
            bucket.event("folder/", size=0),
            other,
            bucket.event("gone.png"),
            bucket.event(event="ObjectRemoved:Delete"),
            bucket.event(),
        )
    )
    assert response == {"batchItemFailures": []}
    assert [found["key"] for found in results(sink)] == [KEY]
    large, again, text, empty, elsewhere = (letter["error"] for letter in letters(sink))
    assert large == "the image is larger than 10000000 bytes: it has 10000001"
    assert again == "the image is larger than 10000000 bytes"
    assert "not a JPEG" in text
    assert empty == "the file is empty"
    assert "HEADRACE_UPLOAD_BUCKETS does not name" in elsewhere
    assert {letter["error_type"] for letter in letters(sink)} == {"Reject"}


def test_a_drawing_goes_to_a_bucket_if_it_is_asked_for(bucket, environment, sink):
    environment.setenv("HEADRACE_PICTURES_URL", f"s3://{bucket.name}/drawn")
    handler = lambda_handler(ObjectDetector)
    handler(bucket.event())
    (found,) = results(sink)
    drawn = f"drawn/{bucket.name}/{KEY}.png"
    assert found["picture"] == f"s3://{bucket.name}/{drawn}"
    answer = bucket.client.get_object(Bucket=bucket.name, Key=drawn)
    assert answer["ContentType"] == "image/png"
    with Image.open(io.BytesIO(answer["Body"].read())) as drawing:
        assert (drawing.format, drawing.size) == ("PNG", (32, 24))
    handler(bucket.event(drawn))  # it tells of itself, in the same bucket
    assert len(results(sink)) == 1
    handler.close()


def test_only_drawings_are_passed_over_and_each_has_a_name_of_its_own(bucket, environment, sink):
    """An upload whose name merely begins as the prefix was taken for a drawing, and lost."""
    environment.setenv("HEADRACE_PICTURES_URL", f"s3://{bucket.name}/drawn")
    other = Bucket(bucket.client, f"{bucket.name}-too")
    environment.setenv("HEADRACE_UPLOAD_BUCKETS", f"{bucket.name},{other.name}")
    by_hand, longest = "drawn-by-hand/a.png", "x" * 1024
    for key in (by_hand, longest):
        bucket.put(key, image_file())
    handler = lambda_handler(ObjectDetector)

    handler(queued(bucket.event(), bucket.event(by_hand), bucket.event(longest), other.event()))

    pictures = {(found["bucket"], found["key"]): found["picture"] for found in results(sink)}
    assert pictures.keys() == {
        *((bucket.name, key) for key in (KEY, by_hand, longest)),
        (other.name, KEY),
    }
    assert len(set(pictures.values())) == len(pictures)
    names = [picture.removeprefix(f"s3://{bucket.name}/") for picture in pictures.values()]
    assert all(len(name.encode()) <= 1024 for name in names)
    for name in names:
        bucket.client.head_object(Bucket=bucket.name, Key=name)
    handler.close()


def test_drawings_in_a_bucket_of_uploads_need_a_prefix(bucket, environment, sink):
    environment.setenv("HEADRACE_PICTURES_URL", f"s3://{bucket.name}")
    with pytest.raises(SettingsError, match="name a prefix"):
        lambda_handler(ObjectDetector).worker()


def test_a_notification_that_is_not_opened_names_the_setting(bucket, environment, sink):
    environment.setenv("HEADRACE_UNWRAP", "")
    handler = lambda_handler(ObjectDetector)
    handler(queued(bucket.event(), notified(bucket.event()), bucket.bus_event()))
    errors = {letter["error"] for letter in letters(sink)}
    assert errors == {"this is a notification: HEADRACE_UNWRAP=sns,s3,eventbridge opens it"}
    handler.close()


def test_a_version_is_read_as_it_was(bucket, handler, sink):
    bucket.client.put_bucket_versioning(
        Bucket=bucket.name, VersioningConfiguration={"Status": "Enabled"}
    )
    made = bucket.client.put_object(Bucket=bucket.name, Key="v.png", Body=image_file())
    bucket.put("v.png", b"overwritten")
    handler(bucket.event("v.png", versionId=made["VersionId"]))
    (found,) = results(sink)
    assert found["version_id"] == made["VersionId"]


def test_a_bucket_that_does_not_answer_brings_the_upload_again(bucket, environment, sink):
    handler = lambda_handler(ObjectDetector)
    handler.worker()
    environment.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    environment.setenv("HEADRACE_IMAGE_DEADLINE_SECONDS", "1")
    other = lambda_handler(ObjectDetector)
    response = other(queued(bucket.event()))
    assert response == {"batchItemFailures": [{"itemIdentifier": "m0"}]}
    assert results(sink) == letters(sink) == []
    handler.close()
    other.close()


@pytest.mark.parametrize(
    "url",
    [
        "file:x",
        "s3://",
        "s3://bucket/p?x=1",
        "s3://bucket/p#7",
        "s3://bucket/p?",
        "s3://me@bucket/p",
    ],
)
def test_a_wrong_address_of_drawings_ends_the_start(url, bucket, environment):
    environment.setenv("HEADRACE_PICTURES_URL", url)
    with pytest.raises(Exception, match="the form is s3://bucket/prefix"):
        lambda_handler(ObjectDetector).worker()
