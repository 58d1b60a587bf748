"""`serve-start`: from the start of a server's process to its first answer, the classifier."""

import statistics
import time

from benchmarks.measurement import Measurement, less_is_better
from benchmarks.serve_servers import PEERS, published, running

RUNS = 7


def run() -> list[Measurement]:
    """Start each, by turns; the first turn is left out."""
    peers = [title for title in PEERS if "2 processes" not in title]
    taken: dict[str, list[float]] = {title: [] for title in ("ours", *peers)}
    for turn in range(RUNS + 1):
        for title, seconds in taken.items():
            begun = time.perf_counter()
            with running(title, "classifier", published()):
                if turn:
                    seconds.append(time.perf_counter() - begun)
    ours = statistics.median(taken["ours"])
    return [
        less_is_better(
            f"serve-start: {peer}", "s", ours, statistics.median(taken[peer]), peer, RUNS
        )
        for peer in peers
    ]
