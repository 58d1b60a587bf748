"""`serve-detector`: the detector over HTTP, at 1, 16 and 64 clients."""

from collections.abc import Iterator

from benchmarks.measurement import Measurement
from benchmarks.serve import compare


def run() -> Iterator[Measurement]:
    """A photograph of 451 x 300 pixels as JPEG; LitServe gets it in a form, as it takes it."""
    return compare("detector", (1, 16, 64), seconds=4)
