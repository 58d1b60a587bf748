"""What the runners of a simulation live in, on a clock that is set."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from headrace.record import Record
from headrace.runner.settings import MappingSettings
from headrace.sinks import Message
from tests.support.partitions import Clock
from tests.support.simulation.history import History

if TYPE_CHECKING:
    from tests.support.simulation.member import Member

# Which records of an invocation fail, by their places or by what they are; None: it raises.
Failed = frozenset[int] | Callable[[Record], bool] | None
NONE: Failed = frozenset()


class Time(Clock):
    """Stands in for the module `time`."""

    monotonic = Clock.__call__

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class World:
    """What outlives a runner: the log, the group, the failure destination, and their moods.

    Attributes:
        owners: who has each partition.
        refuses_commits: the broker does.
        refuses_letters: the destination does.
        broken: the promise that a commit broke: a committer takes that for a commit that failed.
    """

    def __init__(self, partitions: int, settings: MappingSettings) -> None:
        self.settings = settings
        s = settings
        window = s.uncommitted_batches * s.records_per_batch * s.parallelization_factor
        self.history = History(partitions, window, max(window, s.records_ahead))
        self.time = Time()
        self.owners: list[Member | None] = [None] * partitions
        self.refuses_commits = False
        self.refuses_letters = False
        self.broken: AssertionError | None = None

    def send(self, messages: Sequence[Message]) -> list[Exception | None]:
        """Be the failure destination."""
        if self.refuses_letters:
            return [OSError("refused") for _ in messages]
        self.history.bury(messages)
        return [None] * len(messages)

    def close(self) -> None:
        """Be a sink."""
