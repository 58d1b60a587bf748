"""What is shown of a run, whether one process runs it or several do."""

from collections.abc import Sequence
from typing import Protocol

from headrace.runner.monitoring.recent import DeadLettered
from headrace.runner.monitoring.stats import Snapshot


class Letters(Protocol):
    """The last dead letters of a run."""

    def latest_first(self) -> Sequence[DeadLettered]:
        """Return them."""
        ...


class Watched(Protocol):
    """The figures of a run, for whoever shows them."""

    @property
    def dead_letters(self) -> Letters:
        """Return the last ones, and why they are."""
        ...

    def snapshot(self) -> Snapshot:
        """Return all counts at one moment."""
        ...

    def beat(self) -> None:
        """Note that the run is alive."""
        ...
