"""Uploads to a bucket, what is told of them, and what became of them."""

import json
import uuid
from urllib.parse import quote_plus

from tests.support.grey_pictures import image_file

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


def results(sink):
    """What went to the sink."""
    lines = sink.read_text().splitlines() if sink.exists() else []
    return [json.loads(line)["value"] for line in lines]


def letters(sink):
    """What went to the dead letters."""
    file = sink.with_name(f"{sink.name}.dead")
    lines = file.read_text().splitlines() if file.exists() else []
    return [json.loads(line)["value"] for line in lines]
