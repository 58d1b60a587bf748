"""The object detector on uploads: as S3, EventBridge and queues tell of them."""

import json

import pytest

from headrace import lambda_handler
from tests.support.grey_pictures import image_file
from tests.support.uploads import KEY, letters, queued, results
from workers.object_detector import ObjectDetector

pytestmark = pytest.mark.kinesis


def notified(event):
    """The same by a topic that a queue is subscribed to."""
    return {"Type": "Notification", "MessageId": "n", "TopicArn": "t", "Message": json.dumps(event)}


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
