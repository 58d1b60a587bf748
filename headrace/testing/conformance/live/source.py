"""What a run on a real source needs to know of it."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from headrace.runner.source_settings import Source
from headrace.testing.conformance.given import GivenRecord
from headrace.testing.conformance.observed import Observed
from headrace.testing.conformance.requirement import Requirement


class LiveSource(Protocol):
    """A topic, stream, table or queue that was made for one requirement."""

    @property
    def settings(self) -> Source:
        """Return how the runner reads it."""
        ...

    def write(self, record: GivenRecord) -> None:
        """Write a record."""
        ...

    def begin(self, begun: Mapping[int, str]) -> None:
        """Have positions committed, as a run before this one would have left them."""
        ...

    def observe(self, observed: Observed) -> None:
        """Add what the source shows when the run is over: positions, or what is left."""
        ...


Make = Callable[[Requirement, Path, float], LiveSource]
"""Makes the source of a requirement. It is given a folder for its files, and the time when the run
begins, in seconds since the epoch."""


def begins_in(requirement: Requirement) -> float:
    """Return the seconds until the run begins: until all records are as old as they should be."""
    return max([0.0, *(record.age - record.at for record in requirement.records)])


def wait_until(moment: float) -> None:
    """Wait until a time, in seconds since the epoch."""
    time.sleep(max(0.0, moment - time.time()))
