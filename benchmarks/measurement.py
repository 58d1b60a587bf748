"""What a benchmark reports, and how it takes its time."""

import statistics
import time
from collections.abc import Callable

import msgspec


class Measurement(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table: ours beside what a user would pick instead, from one run.

    Attributes:
        ours, peer: medians in `unit`.
        ratio: above 1, ours is better.
        runs: how many runs each median is of.
    """

    name: str
    unit: str
    ours: float
    peer: float
    peer_name: str
    ratio: float
    runs: int
    note: str = ""


def less_is_better(
    name: str, unit: str, ours: float, peer: float, peer_name: str, runs: int, note: str = ""
) -> Measurement:
    """A measurement of time or memory."""
    return Measurement(
        name=name,
        unit=unit,
        ours=round(ours, 4),
        peer=round(peer, 4),
        peer_name=peer_name,
        ratio=round(peer / ours, 2),
        runs=runs,
        note=note,
    )


def more_is_better(
    name: str, unit: str, ours: float, peer: float, peer_name: str, runs: int, note: str = ""
) -> Measurement:
    """A measurement of throughput."""
    swapped = less_is_better(name, unit, ours, peer, peer_name, runs, note)
    return msgspec.structs.replace(swapped, ratio=round(ours / peer, 2))


def interleaved(contestants: dict[str, Callable[[], object]], runs: int) -> dict[str, float]:
    """Median seconds of each contestant, run by turns so that a noisy moment strikes all alike."""
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(runs):
        for name, contestant in contestants.items():
            begun = time.perf_counter()
            contestant()
            times[name].append(time.perf_counter() - begun)
    return {name: statistics.median(taken) for name, taken in times.items()}
