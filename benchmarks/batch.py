"""`batch-kafka`, `-kinesis`, `-sqs`, `-dynamodb`: what the worker base costs per record of a batch.

One event of 10,000 records, the same user function in three hands: a bare loop over the event, a
Headrace worker, and Powertools' BatchProcessor. The function decodes JSON with orjson; of a
DynamoDB change it takes a number and a text out of the item, whose values come typed.
"""

import base64
import os
from collections.abc import Callable
from typing import Any

import orjson
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)

from benchmarks.batch_events import (
    RECORDS,
    dynamodb_event,
    kafka_event,
    kinesis_event,
    sqs_event,
)
from benchmarks.measurement import Measurement, interleaved, less_is_better
from headrace import Record, Worker, lambda_handler
from headrace.sources.dynamodb import change

RUNS = 15
# Less cannot be told from nothing; where decoding is faster than the bare loop's, there is nothing.
RESOLUTION = 0.05

Event = dict[str, Any]
Run = Callable[[Event], object]


class Decode(Worker):
    """The user's function as a worker."""

    def process(self, record: Record) -> None:
        """Decode."""
        orjson.loads(record.value or b"")


class Read(Worker):
    """The same for changes of a table."""

    def process(self, record: Record) -> None:
        """Take a number and a text."""
        new = change(record).new or {}
        _used(new["amount"], new["text"])


def run() -> list[Measurement]:
    """Four events, three contestants each."""
    os.environ["HEADRACE_REPORT_BATCH_ITEM_FAILURES"] = "true"
    decode, read = lambda_handler(Decode), lambda_handler(Read)
    kinesis = _powertools(
        EventType.KinesisDataStreams, lambda record: orjson.loads(record.kinesis.data_as_bytes())
    )
    kafka = _powertools(EventType.Kafka, lambda record: orjson.loads(record.decoded_value))
    sqs = _powertools(EventType.SQS, lambda record: orjson.loads(record.body))
    return [
        _compare("batch-kinesis", kinesis_event(), _bare_kinesis, decode, kinesis),
        _compare("batch-kafka", kafka_event(), _bare_kafka, decode, kafka),
        _compare("batch-sqs", sqs_event(), _bare_sqs, decode, sqs),
        _compare(
            "batch-dynamodb",
            dynamodb_event(),
            _bare_dynamodb,
            read,
            _powertools(EventType.DynamoDBStreams, _read_dynamodb),
        ),
    ]


def _compare(name: str, event: Event, bare: Run, ours: Run, peer: Run) -> Measurement:
    contestants = {
        "bare": lambda: bare(event),
        "ours": lambda: ours(event),
        "peer": lambda: peer(event),
    }
    seconds = interleaved(contestants, RUNS)
    cost = {who: taken / RECORDS * 1e6 for who, taken in seconds.items()}
    return less_is_better(
        name,
        "µs a record over the bare loop",
        max(cost["ours"] - cost["bare"], RESOLUTION),
        cost["peer"] - cost["bare"],
        "Powertools BatchProcessor",
        RUNS,
        f"bare loop {cost['bare']:.2f} µs",
    )


def _powertools(kind: EventType, function: Callable[[Any], object]) -> Run:
    processor = BatchProcessor(event_type=kind)
    return lambda event: process_partial_response(event, function, processor, None)


def _used(*values: object) -> None:
    """Stands for what would be done with them."""


def _bare_kinesis(event: Event) -> None:
    for record in event["Records"]:
        orjson.loads(base64.b64decode(record["kinesis"]["data"]))


def _bare_kafka(event: Event) -> None:
    for messages in event["records"].values():
        for message in messages:
            orjson.loads(base64.b64decode(message["value"]))


def _bare_sqs(event: Event) -> None:
    for record in event["Records"]:
        orjson.loads(record["body"])


def _bare_dynamodb(event: Event) -> None:
    for record in event["Records"]:
        new = record["dynamodb"]["NewImage"]
        _used(new["amount"]["N"], new["text"]["S"])


def _read_dynamodb(record: Any) -> None:
    new = record.dynamodb.new_image
    _used(new["amount"], new["text"])
