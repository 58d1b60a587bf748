"""An HTTP server beside what one would use instead, asked by many clients.

Every contestant calls the very same model code; only the servers differ, each in the configuration
that its documentation recommends. All run at once and are asked by turns, by wrk on the same two
cores.
"""

import shutil
import statistics
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack

from benchmarks.measurement import Measurement, more_is_better
from benchmarks.serve_load import Load, Taken, ask
from benchmarks.serve_servers import PEERS, Server, published, running

RUNS = 3


def compare(name: str, clients: Sequence[int], seconds: int) -> Iterator[Measurement]:
    """Measure a model at each number of clients, beside each server.

    Args:
        name: "classifier" or "detector".
        clients: How many ask at once.
        seconds: How long each turn takes.
    """
    if shutil.which("wrk") is None:
        raise SystemExit("this benchmark needs wrk: apt-get install wrk")
    with ExitStack() as stack:
        servers = {
            title: stack.enter_context(running(title, name, published()))
            for title in ("ours", *PEERS)
        }
        for count in clients:
            yield from _lines(f"serve-{name}-{count}", _race(servers, Load(count, seconds)))


def _race(servers: Mapping[str, Server], load: Load) -> dict[str, list[Taken]]:
    """Ask each server by turns; the first turn, which warms them, is left out."""
    taken: dict[str, list[Taken]] = {title: [] for title in servers}
    for _ in range(RUNS + 1):
        for title, server in servers.items():
            taken[title].append(ask(server, load))
    return {title: all_runs[1:] for title, all_runs in taken.items()}


def _lines(name: str, taken: dict[str, list[Taken]]) -> list[Measurement]:
    def median(title: str, figure: str) -> float:
        return float(statistics.median(getattr(one, figure) for one in taken[title]))

    return [
        more_is_better(
            f"{name}: {peer}",
            "requests/s",
            median("ours", "rate"),
            median(peer, "rate"),
            peer,
            RUNS,
            f"p50 {median('ours', 'p50'):.1f} against {median(peer, 'p50'):.1f} ms,"
            f" p99 {median('ours', 'p99'):.1f} against {median(peer, 'p99'):.1f} ms,"
            f" processor {median('ours', 'processor'):.0f} against"
            f" {median(peer, 'processor'):.0f} µs a request",
        )
        for peer in taken
        if peer != "ours"
    ]
