"""The events of the batch benchmarks: 10,000 records each, as AWS Lambda sends them."""

import base64
from typing import Any

import orjson

RECORDS = 10_000
PAYLOAD = orjson.dumps({"id": 12345, "amount": 9.5, "text": "x" * 60})


def kafka_event() -> dict[str, Any]:
    """Records of one partition."""
    value = base64.b64encode(PAYLOAD).decode()
    messages = [
        {
            "topic": "orders",
            "partition": 0,
            "offset": number,
            "timestamp": 1545084650987,
            "timestampType": "CREATE_TIME",
            "key": base64.b64encode(b"%d" % (number % 500)).decode(),
            "value": value,
            "headers": [],
        }
        for number in range(RECORDS)
    ]
    return {
        "eventSource": "aws:kafka",
        "eventSourceArn": "arn:aws:kafka:us-east-1:123456789012:cluster/orders/1",
        "bootstrapServers": "b-1:9092",
        "records": {"orders-0": messages},
    }


def kinesis_event() -> dict[str, Any]:
    """Records of one shard."""
    data = base64.b64encode(PAYLOAD).decode()
    records = [
        {
            "kinesis": {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": str(number % 500),
                "sequenceNumber": str(
                    49590338271490256608559692538361571095921575989136588898 + number
                ),
                "data": data,
                "approximateArrivalTimestamp": 1545084650.987,
            },
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventID": f"shardId-000000000006:{number}",
            "eventName": "aws:kinesis:record",
            "invokeIdentityArn": "arn:aws:iam::123456789012:role/worker",
            "awsRegion": "us-east-2",
            "eventSourceARN": "arn:aws:kinesis:us-east-2:123456789012:stream/readings",
        }
        for number in range(RECORDS)
    ]
    return {"Records": records}


def sqs_event() -> dict[str, Any]:
    """Messages of a standard queue."""
    records = [
        {
            "messageId": f"059f36b4-87a3-44ab-83d2-{number:012}",
            "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
            "body": PAYLOAD.decode(),
            "attributes": {
                "ApproximateReceiveCount": "1",
                "SentTimestamp": "1545084650987",
                "SenderId": "AIDAIENQZJOLO23YVJ4VO",
                "ApproximateFirstReceiveTimestamp": "1545084650999",
            },
            "messageAttributes": {},
            "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:us-east-2:123456789012:orders",
            "awsRegion": "us-east-2",
        }
        for number in range(RECORDS)
    ]
    return {"Records": records}


def dynamodb_event() -> dict[str, Any]:
    """Changes of one shard, with both images."""
    records = [
        {
            "eventID": f"{number:032x}",
            "eventName": "MODIFY",
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": "us-east-2",
            "dynamodb": {
                "ApproximateCreationDateTime": 1545084650,
                "Keys": {"id": {"S": f"order-{number % 500}"}},
                "NewImage": _image(number, "9.5"),
                "OldImage": _image(number, "7"),
                "SequenceNumber": str(111000000000001000000 + number),
                "SizeBytes": 200,
                "StreamViewType": "NEW_AND_OLD_IMAGES",
            },
            "eventSourceARN": "arn:aws:dynamodb:us-east-2:123456789012:table/orders/stream/2026",
        }
        for number in range(RECORDS)
    ]
    return {"Records": records}


def _image(number: int, amount: str) -> dict[str, Any]:
    return {"id": {"S": f"order-{number % 500}"}, "amount": {"N": amount}, "text": {"S": "x" * 60}}
