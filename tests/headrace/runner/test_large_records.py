"""Large records neither grow the runner beyond a bound nor stop it, whatever it reads.

`LARGE_RECORDS` says how many: the bound is the same for 10,000, which take minutes.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from confluent_kafka import Producer

from tests.support.large.endless import endless

ROOT = Path(__file__).parents[3]
RECORDS = int(os.environ.get("LARGE_RECORDS", "120"))
SIZE = 900_000
AHEAD = 16  # megabytes
# As the documentation has it: of streams, and of queues, which four receivers read.
OF_STREAMS, OF_QUEUES = 100 + 2 * AHEAD, 80 + AHEAD + 4 * 40

pytestmark = [pytest.mark.slow(seconds=10), pytest.mark.timeout(max(120, RECORDS / 5))]


def measure(kind: str, place: str, folder: Path) -> None:
    """Have a runner do all records, and look at its memory."""
    command = [
        *(sys.executable, "-m", "tests.support.large.measured"),
        *(kind, place, str(AHEAD), str(folder), str(RECORDS)),
    ]
    environ = os.environ | {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    committed, peak = map(int, done.stdout.split())
    sys.stdout.write(f"{kind}: {committed} records of {SIZE} bytes, {peak} MB at most\n")
    assert committed == RECORDS
    assert peak < (OF_QUEUES if kind == "sqs" else OF_STREAMS)


@pytest.mark.parametrize("kind", ["sqs", "kinesis", "dynamodb"])
def test_records_of_900_kilobytes_stay_within_the_bound(kind, tmp_path):
    with endless(RECORDS, SIZE) as address:
        measure(kind, address, tmp_path)


@pytest.mark.kafka
def test_records_of_900_kilobytes_in_kafka_stay_within_the_bound(kafka, topic, tmp_path):
    name = topic(2)
    producer = Producer({"bootstrap.servers": kafka.bootstrap, "queue.buffering.max.kbytes": 65536})
    for number in range(RECORDS):
        while True:
            try:
                producer.produce(name, b"x" * SIZE, partition=number % 2)
                break
            except BufferError:
                producer.poll(1)
    assert producer.flush(120) == 0
    measure("kafka", f"{kafka.bootstrap}/{name}", tmp_path)
