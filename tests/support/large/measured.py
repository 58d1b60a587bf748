"""A runner whose memory is measured.

Arguments: kind of the source, its address, megabytes ahead, a folder, and for how many records.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from headrace.runner import (
    DynamoDbSource,
    KafkaSource,
    KinesisSource,
    MappingSettings,
    SqsSource,
    Stats,
    Stop,
    run,
)
from tests.support.sqs.queues import worker

_SECONDS = 0.005  # each record takes


def _peak() -> int:
    """Megabytes at most, of this program alone: `getrusage` adds those of whoever started it."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) // 1024


def _source(kind: str, place: str, megabytes: int, folder: str) -> Any:
    kinds: dict[str, Callable[..., Any]] = {
        "sqs": lambda **at: SqsSource(queue="large", receive_wait_seconds=0, **at),
        "kinesis": lambda **at: KinesisSource(stream="large", checkpoints=f"{folder}/k", **at),
        "dynamodb": lambda **at: DynamoDbSource(table="large", checkpoints=f"{folder}/d", **at),
    }
    if kind == "kafka":
        bootstrap, _, topic = place.partition("/")
        return KafkaSource(
            bootstrap_servers=bootstrap, topic=topic, group=topic, megabytes_ahead=megabytes
        )
    return kinds[kind](endpoint_url=place, region="us-east-1", megabytes_ahead=megabytes)


def main(kind: str, place: str, megabytes: str, folder: str, count: str) -> None:
    stats = Stats()

    def process(record: Any) -> None:
        assert len(record.value) > 700_000
        time.sleep(_SECONDS)

    run(
        worker(process),
        _source(kind, place, int(megabytes), folder),
        MappingSettings(log_level="ERROR", function_concurrency=2),
        stats=stats,
        stop=Stop(max_records=int(count)),
    )
    sys.stdout.write(f"{stats.snapshot().committed} {_peak()}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
