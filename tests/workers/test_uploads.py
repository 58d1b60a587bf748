"""The object detector on uploads: as S3, EventBridge and queues tell of them."""

import io
import json
import uuid
from urllib.parse import quote_plus

import boto3
import pytest
from PIL import Image

from headrace import lambda_handler
from headrace.testing.moto_server import aws_environment
from tests.workers.test_object_detector import environment, image_file, server, sink, store
from workers.object_detector import ObjectDetector

pytestmark = pytest.mark.kinesis
__all__ = ["environment", "server", "sink", "store"]  # fixtures

KEY = "in/a cat (1).png"


class Bucket:
    """A bucket of the stand-in, with one picture in it."""

    def __init__(self, client) -> None:
        self.name = f"uploads-{uuid.uuid4().hex[:8]}"
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


@pytest.fixture
def bucket(moto_server, environment):
    for name, value in aws_environment(moto_server).items():
        environment.setenv(name, value)
    made = Bucket(boto3.Session().client("s3"))
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
    other = bucket.event()
    other["Records"][0]["s3"]["bucket"]["name"] = "of-somebody-else"
    response = handler(
        queued(
            bucket.event("large.png", size=10_000_001),
            bucket.event("large.png", size=5),  # whatever the event says
            bucket.event("text.png"),
            other,
            bucket.event("gone.png"),
            bucket.event(event="ObjectRemoved:Delete"),
            bucket.event(),
        )
    )
    assert response == {"batchItemFailures": []}
    assert [found["key"] for found in results(sink)] == [KEY]
    large, again, text, elsewhere = (letter["error"] for letter in letters(sink))
    assert large == "the image is larger than 10000000 bytes: it has 10000001"
    assert again == "the image is larger than 10000000 bytes"
    assert "not a JPEG" in text
    assert "HEADRACE_UPLOAD_BUCKETS does not name" in elsewhere
    assert {letter["error_type"] for letter in letters(sink)} == {"Reject"}


def test_a_drawing_goes_to_a_bucket_if_it_is_asked_for(bucket, environment, sink):
    environment.setenv("HEADRACE_PICTURES_URL", f"s3://{bucket.name}/drawn")
    handler = lambda_handler(ObjectDetector)
    handler(bucket.event())
    (found,) = results(sink)
    assert found["picture"] == f"s3://{bucket.name}/drawn/{KEY}.png"
    answer = bucket.client.get_object(Bucket=bucket.name, Key=f"drawn/{KEY}.png")
    assert answer["ContentType"] == "image/png"
    with Image.open(io.BytesIO(answer["Body"].read())) as drawing:
        assert (drawing.format, drawing.size) == ("PNG", (32, 24))
    handler(bucket.event(f"drawn/{KEY}.png"))  # it tells of itself, in the same bucket
    assert len(results(sink)) == 1
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


@pytest.mark.parametrize("url", ["file:x", "s3://", "s3://b/p?x=1"])
def test_a_wrong_address_of_drawings_ends_the_start(url, bucket, environment):
    environment.setenv("HEADRACE_PICTURES_URL", url)
    with pytest.raises(Exception, match="the form is s3://bucket/prefix"):
        lambda_handler(ObjectDetector).worker()
