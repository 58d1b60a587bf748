"""`serve-classifier`: the breast-cancer classifier over HTTP, at 1, 16 and 64 clients."""

from collections.abc import Iterator

from benchmarks.measurement import Measurement
from benchmarks.serve import compare


def run() -> Iterator[Measurement]:
    """A row of 30 numbers in JSON; BentoML gets it as an array, which is what it batches."""
    return compare("classifier", (1, 16, 64), seconds=2)
