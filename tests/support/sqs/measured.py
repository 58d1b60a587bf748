"""A runner whose memory is measured: `python -m tests.support.sqs.measured ENDPOINT SECONDS MB`."""

import sys
import time
from pathlib import Path

from headrace.runner import MappingSettings, SqsSource, Stats, Stop, run
from tests.support.sqs.queues import worker


def _peak() -> int:
    """Megabytes at most, of this program alone: `getrusage` adds those of whoever started it."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) // 1024


def main() -> None:
    endpoint, seconds, megabytes = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
    before, stats = [], Stats()

    def process(_):
        if not before:
            before.append(_peak())
        time.sleep(seconds)

    source = SqsSource(
        queue="large", endpoint_url=endpoint, region="us-east-1", megabytes_ahead=megabytes,
        receive_wait_seconds=0,
    )  # fmt: skip
    settings = MappingSettings(log_level="ERROR", function_concurrency=2)
    run(worker(process), source, settings, stats=stats, stop=Stop(when_idle=1))
    sys.stdout.write(f"{stats.snapshot().committed} {before[0]} {_peak()}\n")


main()
