"""A runner in a consumer group, without threads: each step of it is taken from outside."""

from collections.abc import Callable, Sequence

from headrace.errors import NotDone
from headrace.log import logger
from headrace.processing.outcomes import Outcomes
from headrace.processing.settling import hold_back
from headrace.record import Record
from headrace.runner.committer import Committer
from headrace.runner.delivery.deliver import Deliverer
from headrace.runner.delivery.destination import FailureDestination
from headrace.runner.delivery.limits import RetryLimits
from headrace.runner.dispatch.dispatcher import Dispatcher
from headrace.runner.dispatch.partition import Partition
from headrace.runner.dispatch.stride import Attempted
from headrace.runner.dispatch.taken import Taken
from headrace.runner.monitoring.stats import Stats
from headrace.runner.protocol.response import ReportedFailure
from tests.support.partitions import Waits, offset
from tests.support.simulation.positions import Answered, Waited
from tests.support.simulation.world import NONE, Failed, World

_LOG = logger("simulation", "CRITICAL")
_RETRY_SECONDS = 1.0
_DRAIN_SECONDS = 0.5
_SMALL = 1_000  # bytes, so that batches go in strides


class Member:
    """A runner in a consumer group.

    Args:
        world: what it lives in.
        waits_for_commits: its source answers a commit at once.
        bisects: what fails as a whole is split.
        isolates: what fails by itself holds back its own key alone.
        resumes: the function gives partial responses: what follows a failure comes again.

    Attributes:
        out: the batches that its handlers have.
        answer: takes what became of the commit that is on its way; None where none is.
    """

    def __init__(
        self,
        world: World,
        *,
        waits_for_commits: bool = False,
        bisects: bool = False,
        isolates: bool = True,
        resumes: bool = False,
    ) -> None:
        self.world = world
        self.out: list[Taken] = []
        self.answer: Callable[[bool], None] | None = None
        self.dispatcher = Dispatcher(world.time)
        source = Waited(self) if waits_for_commits else Answered(self)
        self.committer = Committer(self.dispatcher.ledger, source, Stats(), _LOG, world.time)
        self._partitions: dict[int, Partition] = {}
        self._next: dict[int, int] = {}
        self._failed: Failed = NONE
        self._completed = 0
        retries = world.settings.maximum_retry_attempts
        limits = RetryLimits(-1 if retries is None else retries, -1)
        destination = FailureDestination(world)
        self._deliverer = Deliverer(
            self._invoke, limits, destination, Stats(), _LOG, isolate=isolates, bisect=bisects
        )
        self._resumes = resumes

    def assign(self, number: int) -> None:
        """Begin an assignment at the committed position."""
        self.world.owners[number] = self
        chosen = self.world.settings
        window = chosen.maximum_batching_window_in_seconds
        self._partitions[number] = partition = Partition(f"orders-{number}", chosen, window)
        self._next[number] = self.world.history.committed[number]
        self.dispatcher.open(partition)

    def poll(self, most: int) -> None:
        """Feed what comes next, up to so many records of each partition."""
        history = self.world.history
        for number, partition in self._partitions.items():
            records = history.unread(number, self._next[number])[:most]
            if records:
                self._next[number] = offset(records[-1])
                passed = [history.passes[number, offset(record)] for record in records]
                goes = None if all(passed) else passed
                self.dispatcher.add(partition, records, goes, largest=_SMALL)

    def take(self) -> bool:
        """Have a handler take a batch. Returns whether one was ready."""
        taken = self.dispatcher.take()
        if taken is None:
            return False
        turn, batch = taken.turn, taken.batch
        most = self.world.settings.records_per_batch
        assert all(len(one.records) <= most for one in taken.batches)
        groups = turn.partition.groups
        held = [[group.batch, *group.further] for group in groups if group.batch is not None]
        keys = [{r.key for b in all_ for r in b.records if r.key is not None} for all_ in held]
        assert sum(map(len, keys)) == len(set().union(*keys)), "a key is in two batches"
        self.out.append(taken)
        if not batch.given_up():
            self.world.history.deliver(batch.open_records())
        return True

    def complete(self, which: int, failed: Failed = NONE) -> None:
        """Have a handler end its invocations, and its batches be settled; the last one may fail."""
        taken = self.out.pop(which % len(self.out))
        self._completed += 1
        most = 1 + (which + self._completed) % len(taken.batches)
        for number, batch in enumerate(taken.batches[:most], 1):
            if number > 1:
                self.world.history.deliver(batch.open_records())
            self._failed = failed if number == most or callable(failed) else NONE
            self._deliverer.attempt(batch)
            if batch.open or batch.aside:
                break
        attempted = Attempted(number, quick=self._completed % 5 > 0)
        self.dispatcher.settle(taken, Waits(_RETRY_SECONDS), attempted)

    def flush(self) -> None:
        """Commit as whoever polls does."""
        self.committer.flush_if_needed()

    def revoke(self, number: int, drained: int) -> None:
        """Give a partition back in order; so many handlers end before the deadline."""
        partitions = [self._partitions.pop(number)]
        self.dispatcher.stop(partitions)
        for _ in range(min(drained, len(self.out))):
            self.complete(0)
        self.committer.flush_until(self.world.time.now + _DRAIN_SECONDS, partitions)
        self.dispatcher.close(partitions)
        self.world.owners[number] = None

    def lose(self, number: int) -> None:
        """Have a partition taken away."""
        self.dispatcher.close([self._partitions.pop(number)])
        self.world.owners[number] = None

    def crash(self) -> None:
        """Be gone, with all that is in work and on its way."""
        for number in self._partitions:
            self.world.owners[number] = None

    def _invoke(self, records: Sequence[Record]) -> Outcomes:
        if self._failed is None:
            self.world.history.fail(records)
            raise TimeoutError("the function was killed")
        error = ReportedFailure("poison") if self._resumes else ValueError("poison")
        outcomes = Outcomes(records, dict.fromkeys(self._places(records), error))
        self.world.history.fail([records[place] for place in outcomes.failures])
        if self._resumes:
            for place in range(min(outcomes.failures, default=len(records)), len(records)):
                if place not in outcomes.failures:
                    outcomes.fail(place, NotDone("it comes after a failure"))
        hold_back(outcomes)
        done = [r for place, r in enumerate(records) if place not in outcomes.failures]
        self.world.history.process(done)
        return outcomes

    def _places(self, records: Sequence[Record]) -> list[int]:
        failed = self._failed
        if callable(failed):
            return [place for place, record in enumerate(records) if failed(record)]
        return [place for place in failed or () if place < len(records)]
