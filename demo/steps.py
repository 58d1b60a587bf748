"""The steps of the demo: train, classify a topic and a stream, invoke both models.

Kafka is librdkafka's built-in broker and Kinesis is moto's server; both live only as long as the
step. Everything else is what runs in production.
"""

import os
import sys
import tempfile
import uuid
from pathlib import Path

from rich.console import Console
from rich.table import Table

from demo.detector import detect
from demo.stream import Account, classify
from headrace import json_text
from headrace.handler import Handler
from headrace.runner.compose import run as run_mapping
from headrace.runner.kafka.settings import KafkaSource
from headrace.runner.kinesis.settings import KinesisSource
from headrace.runner.monitoring.stats import Stats
from headrace.runner.settings import MappingSettings
from headrace.runner.stop import Stop
from headrace.testing.mock_cluster import embedded_kafka
from headrace.testing.moto_server import aws_environment, create_stream, embedded_kinesis
from training.tumor import train as tumor
from training.tumor.data import Row, held_out_rows
from workers.tumor_classifier import TumorClassifier

_NAME = "tumors"
_PARTITIONS = 4
_SHARDS = 2
_REFERENCE_EVENT = Path("examples/tumor.json")  # a known benign tumour
_FOLDER = Path("var", "demo", uuid.uuid4().hex[:8]).resolve()
_QUIET = MappingSettings(log_level="ERROR")


def main() -> int:
    """Run the steps; returns the exit code."""
    steps = (
        ("Train and publish the breast-cancer classifier", _train),
        ("Classify held-out rows from a Kafka topic and a Kinesis stream", _streams),
        ("Invoke the classifier once, directly", _invoke),
        ("Invoke the object detector with an image URL", _detect),
    )
    for number, (title, step) in enumerate(steps, start=1):
        sys.stdout.write(f"\n[{number}/{len(steps)}] {title}\n")
        sys.stdout.flush()
        if not step():
            sys.stderr.write(f"demo: step {number} failed\n")
            return 1
    return 0


def _train() -> bool:
    return tumor.main([]) == 0


def _streams() -> bool:
    rows = held_out_rows()
    accounts = [_kafka(rows, _FOLDER / "kafka"), _kinesis(rows, _FOLDER / "kinesis")]
    Console(width=100).print(_table(accounts))
    sys.stdout.write(f"predictions and dead letters: {_FOLDER.relative_to(Path.cwd())}\n")
    return all(account.lost == 0 and account.dead_lettered == 1 for account in accounts)


def _kafka(rows: list[Row], folder: Path) -> Account:
    with embedded_kafka({_NAME: _PARTITIONS}) as bootstrap:
        source = KafkaSource(bootstrap_servers=bootstrap, topic=_NAME, group="demo")

        def run(handler: Handler, stats: Stats, stop: Stop) -> None:
            run_mapping(handler, source, _QUIET, stats=stats, stop=stop)

        return classify("Kafka topic", f"kafka://{bootstrap}/{_NAME}", rows, run, folder)


def _kinesis(rows: list[Row], folder: Path) -> Account:
    with embedded_kinesis() as endpoint, tempfile.TemporaryDirectory() as checkpoints:
        os.environ.update(aws_environment(endpoint))
        create_stream(endpoint, _NAME, _SHARDS)
        source = KinesisSource(stream=_NAME, checkpoints=f"{checkpoints}/{_NAME}.sqlite")

        def run(handler: Handler, stats: Stats, stop: Stop) -> None:
            run_mapping(handler, source, _QUIET, stats=stats, stop=stop)

        return classify("Kinesis stream", f"kinesis://{_NAME}", rows, run, folder)


def _table(accounts: list[Account]) -> Table:
    table = Table("source", "produced", "predicted", "right", "wrong", "dead-lettered", "lost")
    for a in accounts:
        figures = (a.produced, a.predicted, a.right, a.wrong, a.dead_lettered, a.lost)
        table.add_row(a.stream, *map(str, figures))
    return table


def _detect() -> bool:
    return detect(_FOLDER)


def _invoke() -> bool:
    event = json_text.decode(_REFERENCE_EVENT.read_bytes())
    answer = Handler(TumorClassifier)(event)
    sys.stdout.write(f"{_REFERENCE_EVENT} -> {json_text.encode(answer).decode()}\n")
    return bool(answer == {"result": "B"})
