"""A message that the service handed out, as AWS Lambda's event has it."""

import base64
from collections.abc import Mapping
from typing import Any

from headrace.record import Record

# What Lambda's event has of a message, and the runner asks the queue for.
ATTRIBUTES = (
    "AWSTraceHeader",
    "ApproximateFirstReceiveTimestamp",
    "ApproximateReceiveCount",
    "DeadLetterQueueSourceArn",
    "MessageDeduplicationId",
    "MessageGroupId",
    "SenderId",
    "SentTimestamp",
    "SequenceNumber",
)


def to_event(message: Mapping[str, Any], body: str, arn: str) -> dict[str, Any]:
    """Return a message as Lambda's event has it.

    Args:
        message: as boto3 gives it; its body may be left out.
        body: its body.
        arn: the queue's.
    """
    attributes = message.get("MessageAttributes", {})
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": body,
        "attributes": dict(message.get("Attributes", {})),
        "messageAttributes": {name: _attribute(given) for name, given in attributes.items()},
        "md5OfBody": message.get("MD5OfBody", ""),
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
        "awsRegion": arn.split(":")[3],
    }


def body_of(record: Record) -> str:
    """Return the body that a record was made of."""
    return (record.value or b"").decode(errors="surrogatepass")


def receive_count(message: Mapping[str, Any]) -> int:
    """Return how often a message was handed out, this time included."""
    return int(message.get("Attributes", {}).get("ApproximateReceiveCount", "1"))


def _attribute(given: Mapping[str, Any]) -> dict[str, Any]:
    value: dict[str, Any] = {}
    if "BinaryValue" in given:
        value["binaryValue"] = base64.b64encode(given["BinaryValue"]).decode()
    if "StringValue" in given:
        value["stringValue"] = given["StringValue"]
    return {
        **value,
        "stringListValues": [],
        "binaryListValues": [],
        "dataType": given.get("DataType", "String"),
    }
