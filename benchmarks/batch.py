"""`batch-kafka`, `batch-kinesis`: what the worker base costs per record of a batch.

One event of 10,000 records, the same user function (orjson on the bytes) in three hands: a bare
loop over the event, a Headrace worker, and Powertools' BatchProcessor.
"""

import base64
import os
from typing import Any

import orjson
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.kafka_event import KafkaEventRecord
from aws_lambda_powertools.utilities.data_classes.kinesis_stream_event import KinesisStreamRecord

from benchmarks.measurement import Measurement, interleaved, less_is_better
from headrace import Record, Worker, lambda_handler

RECORDS = 10_000
RUNS = 15
# Less cannot be told from nothing; where decoding is faster than the bare loop's, there is nothing.
RESOLUTION = 0.05
PAYLOAD = orjson.dumps({"id": 12345, "amount": 9.5, "text": "x" * 60})


class Decode(Worker):
    """The user's function as a worker."""

    def process(self, record: Record) -> None:
        """Decode."""
        orjson.loads(record.value or b"")


def run() -> list[Measurement]:
    """Both events, three contestants each."""
    os.environ["HEADRACE_REPORT_BATCH_ITEM_FAILURES"] = "true"
    handler = lambda_handler(Decode)
    kafka, kinesis = _kafka_event(), _kinesis_event()
    return [
        _compare(
            "batch-kinesis",
            "Powertools BatchProcessor",
            {
                "bare": lambda: _bare_kinesis(kinesis),
                "ours": lambda: handler(kinesis),
                "peer": lambda: _powertools_kinesis(kinesis),
            },
        ),
        _compare(
            "batch-kafka",
            "Powertools BatchProcessor",
            {
                "bare": lambda: _bare_kafka(kafka),
                "ours": lambda: handler(kafka),
                "peer": lambda: _powertools_kafka(kafka),
            },
        ),
    ]


def _compare(name: str, peer_name: str, contestants: dict[str, Any]) -> Measurement:
    seconds = interleaved(contestants, RUNS)
    cost = {who: taken / RECORDS * 1e6 for who, taken in seconds.items()}
    return less_is_better(
        name,
        "µs a record over the bare loop",
        max(cost["ours"] - cost["bare"], RESOLUTION),
        cost["peer"] - cost["bare"],
        peer_name,
        RUNS,
        f"bare loop {cost['bare']:.2f} µs",
    )


def _bare_kinesis(event: dict[str, Any]) -> None:
    for record in event["Records"]:
        orjson.loads(base64.b64decode(record["kinesis"]["data"]))


def _bare_kafka(event: dict[str, Any]) -> None:
    for messages in event["records"].values():
        for message in messages:
            orjson.loads(base64.b64decode(message["value"]))


_kinesis_processor = BatchProcessor(event_type=EventType.KinesisDataStreams)
_kafka_processor = BatchProcessor(event_type=EventType.Kafka)


def _decode_kinesis(record: KinesisStreamRecord) -> None:
    orjson.loads(record.kinesis.data_as_bytes())


def _decode_kafka(record: KafkaEventRecord) -> None:
    orjson.loads(record.decoded_value)


def _powertools_kinesis(event: dict[str, Any]) -> None:
    process_partial_response(event, _decode_kinesis, _kinesis_processor, None)


def _powertools_kafka(event: dict[str, Any]) -> None:
    process_partial_response(event, _decode_kafka, _kafka_processor, None)


def _kafka_event() -> dict[str, Any]:
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


def _kinesis_event() -> dict[str, Any]:
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
