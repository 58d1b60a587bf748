"""`make bench`: run the benchmarks, all or those whose module is named, and show the figures.

Figures of benchmarks that were not run this time stay in var/bench.json as they were.
"""

import importlib
import sys
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from benchmarks.measurement import Measurement

MODULES = (
    "batch",
    "classifier",
    "runner_kafka",
    "runner_concurrency",
    "runner_async",
    "runner_processes",
    "runner_sqs",
    "runner_latency",
    "runner_start",
    "runner_scale",
    "runner_shards",
    "sink_postgres",
    "once",
    "payload_avro",
    "decode",
    "detector",
    "detector_open_images",
    "mount",
    "images",
    "serve_start",
    "serve_classifier",
    "serve_detector",
)
RESULTS = Path("var/bench.json")


def main(names: list[str]) -> None:
    """Run, save after each benchmark, print the table."""
    results = {m.name: m for m in _earlier()}
    fresh: list[Measurement] = []
    for name in names or MODULES:
        for measurement in importlib.import_module(f"benchmarks.{name}").run():
            results[measurement.name] = measurement
            fresh.append(measurement)
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_bytes(msgspec.json.format(msgspec.json.encode(list(results.values()))))
    Console(width=140).print(_table(fresh))


def _earlier() -> list[Measurement]:
    if not RESULTS.exists():
        return []
    return msgspec.json.decode(RESULTS.read_bytes(), type=list[Measurement])


def _table(measurements: list[Measurement]) -> Table:
    table = Table("name", "unit", "ours", "peer", "ratio", "beside", "note")
    for m in measurements:
        figures = (f"{m.ours:.4g}", f"{m.peer:.4g}", f"{m.ratio:.2f}")
        table.add_row(m.name, m.unit, *figures, m.peer_name, f"{m.note} ({m.runs} runs)")
    return table


main(sys.argv[1:])
