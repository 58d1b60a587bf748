"""`runner-processes`: a handler that needs 200 µs of a processor, in one process and in two.

Counted is the time in which all processes were at work: neither how long members take to join, nor
the end, at which the partitions of one may be done before the other's.
"""

import os
import subprocess
import tempfile
import time
import uuid
from http import HTTPStatus
from pathlib import Path
from statistics import median

import urllib3

from benchmarks.burning import NOTE_EVERY
from benchmarks.measurement import Measurement, more_is_better
from benchmarks.process import ROOT
from benchmarks.streams import make_topic, ours, produce
from headrace.testing.brokers.apache_kafka import KafkaBroker
from headrace.testing.brokers.process import free_ports

RECORDS = 40_000
PARTITIONS = 4
BURN_US = 200
RUNS = 3


def run() -> list[Measurement]:
    """Start a broker, fill a topic, let one process and two read it by turns."""
    rates: dict[int, list[float]] = {1: [], 2: []}
    with tempfile.TemporaryDirectory() as folder, KafkaBroker(Path(folder)) as broker:
        for _ in range(RUNS):
            for processes, seen in rates.items():
                seen.append(_rate(broker.bootstrap, processes))
    note = f"{PARTITIONS} partitions, {BURN_US} µs of processor time a record, beside the broker"
    one, two = (median(rates[processes]) for processes in (1, 2))
    return [more_is_better("runner-processes", "records/s", two, one, "one process", RUNS, note)]


def _rate(bootstrap: str, processes: int) -> float:
    """Records a second while all processes are at work."""
    topic, port = make_topic(bootstrap, PARTITIONS), free_ports()
    flags = ("--processes", str(processes), "--stop-when-idle", "5", "--http-port", str(port))
    command = ours(bootstrap, topic, RECORDS, *flags, handler="benchmarks.burning:handler")
    limit = command.index("--max-records")
    del command[limit : limit + 2]  # which counts in one process
    with tempfile.TemporaryDirectory() as notes:
        told = {"HEADRACE_GROUP": uuid.uuid4().hex, "BURN_US": str(BURN_US), "BURN_NOTES": notes}
        with subprocess.Popen(command, cwd=ROOT, env=os.environ | told) as running:
            while not _is_ready(port):
                time.sleep(0.1)
            produce(bootstrap, topic, RECORDS)
            running.wait()
        files = [file.read_text().split() for file in Path(notes).iterdir()]
    times = [[float(at) for at in file] for file in files]
    if len(times) != processes or not all(times):
        raise RuntimeError(f"{len(times)} of {processes} processes had records")
    begin, end = max(one[0] for one in times), min(one[-1] for one in times)
    return NOTE_EVERY * sum(begin <= at < end for one in times for at in one) / (end - begin)


def _is_ready(port: int) -> bool:
    url = f"http://127.0.0.1:{port}/readyz"
    try:
        return urllib3.request("GET", url, retries=False).status == HTTPStatus.OK
    except urllib3.exceptions.HTTPError:
        return False
