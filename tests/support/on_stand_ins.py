"""An adapter: our runner as it is, on brokers and stand-ins of the tests."""

import json
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
from confluent_kafka import Producer

from headrace.runner import run
from headrace.runner.dynamodb.settings import DynamoDbSource
from headrace.runner.function.errors import Throttled
from headrace.runner.kafka.settings import KafkaSource
from headrace.runner.kinesis.settings import KinesisSource
from headrace.runner.sqs.settings import SqsSource
from headrace.runner.stop import Stop
from headrace.testing.conformance import GivenRecord, Observed, Requirement, ScriptedFunction
from headrace.testing.conformance.ours.letters import failures_of
from headrace.testing.conformance.ours.properties import mapping_settings, read_properties
from headrace.testing.conformance.stand_ins.sources import SOURCES

Write = Callable[[GivenRecord], None]


class OnStandIns:
    """Runs requirements on a broker of Kafka, or on a stand-in for AWS.

    Args:
        folder: for checkpoints and failure records.
        address: of the broker, or of the stand-in.
        topic: makes a topic; None if it is no broker.
    """

    name = "on stand-ins"

    def __init__(self, folder: Path, address: str, topic: Callable[[int], str] | None = None):
        self._folder = folder
        self._address = address
        self._topic = topic

    def run(self, requirement: Requirement) -> Observed:
        kind = "sqs" if requirement.source == "fifo" else requirement.source
        source, write = (self._kafka if self._topic else self._aws)(requirement)
        for record in requirement.records:
            write(record)
        failed = self._folder / "failed.jsonl"
        given = read_properties(requirement, kind)
        url = {"on_failure_url": f"file:{failed}"} if "on_failure_url" in given else {}
        quick = {"retry_backoff_seconds": 0.01, "retry_backoff_max_seconds": 0.05}
        settings = mapping_settings(given, **url, **quick)
        function = ScriptedFunction(requirement, time.monotonic, lambda: Throttled("busy"))
        # A stream hands over each record once, a queue as often as it comes again.
        stop = Stop(when_idle=1.0) if kind == "sqs" else Stop(max_records=len(requirement.records))
        run(function, source, settings, stop=stop)
        lines = failed.read_bytes().splitlines() if failed.exists() else []
        written = [json.dumps(json.loads(line)["value"]).encode() for line in lines]
        return Observed(
            invocations=function.invocations,
            most_at_once=function.most_at_once,
            positions=None,
            failures=failures_of(written, requirement),
        )

    def _kafka(self, requirement: Requirement) -> tuple[Any, Write]:
        topic = self._topic(requirement.partitions)
        producer = Producer({"bootstrap.servers": self._address})

        def write(record: GivenRecord) -> None:
            producer.produce(topic, record.payload(), record.key, partition=record.partition)
            producer.flush(30)

        return KafkaSource(bootstrap_servers=self._address, topic=topic, group=topic), write

    def _aws(self, requirement: Requirement) -> tuple[Any, Write]:
        name = f"c-{uuid.uuid4().hex[:12]}"

        def client(service: str) -> Any:
            return boto3.client(service, endpoint_url=self._address, region_name="us-east-1")

        made = SOURCES[requirement.source](client, name, requirement)
        place = {"endpoint_url": self._address, "region": "us-east-1"}
        checkpoints = str(self._folder / "checkpoints.sqlite")
        if requirement.source == "kinesis":
            return KinesisSource(stream=name, checkpoints=checkpoints, **place), made.write
        if requirement.source == "dynamodb":
            return DynamoDbSource(table=name, checkpoints=checkpoints, **place), made.write
        return SqsSource(queue=made.url, receive_wait_seconds=1, receivers=1, **place), made.write
