"""Partitions without threads: a clock that stands still, and batches settled by hand."""

from collections.abc import Iterable, Sequence

from headrace.processing.outcomes import Outcomes
from headrace.processing.settling import hold_back
from headrace.record import Position, Record
from headrace.runner.dispatch.batch import Batch
from headrace.runner.dispatch.dispatcher import Dispatcher
from headrace.runner.dispatch.partition import Partition
from headrace.runner.dispatch.taken import Taken
from headrace.runner.settings import MappingSettings
from tests.support.runner import QUICK, kafka_record

LATER = 60.0


class Clock:
    """Stands still but when it is set."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Waits:
    """Waits of one length for whatever failed."""

    def __init__(self, seconds: float = 0.0) -> None:
        self._seconds = seconds

    def batch(self, tries: int) -> float:
        return self._seconds if tries else 0.0

    def record(self, tries: int, *, healthy: bool) -> float:
        return self._seconds


class OnePartition:
    """A dispatcher with one partition."""

    def __init__(self, window: float = 0.0, *, rolling: bool = False, **settings) -> None:
        self.clock = Clock()
        self.dispatcher = Dispatcher(self.clock)
        chosen = MappingSettings(**QUICK | settings)
        self.partition = Partition("orders-0", chosen, window, rolling=rolling)
        self.dispatcher.open(self.partition)

    def add(self, records: Sequence[Record], passed: Sequence[bool] | None = None, **more) -> None:
        self.dispatcher.add(self.partition, records, passed, **more)

    def take(self) -> Taken:
        taken = self.dispatcher.take()
        assert taken is not None, "no batch is ready"
        return taken

    def take_all(self) -> list[Taken]:
        return list(iter(self.dispatcher.take, None))

    def settle(
        self,
        taken: Taken,
        failed: Iterable[int] = (),
        delay: float = 0.0,
        *,
        isolate: bool = True,
    ) -> None:
        """Take a batch back; the records at these places in it have failed by themselves.

        Args:
            taken: the batch.
            failed: places in what was delivered.
            delay: what is not done waits so many seconds.
            isolate: what failed leaves the batch; otherwise all of it is tried again.
        """
        batch, before = taken.batch, len(taken.batch.open)
        outcomes = Outcomes(batch.open_records(), {place: ValueError() for place in failed})
        hold_back(outcomes)
        batch.learn(outcomes, isolate=isolate)
        batch.count_try(before)
        self.dispatcher.settle(taken, Waits(delay))

    def commit(self) -> int:
        """Have all that is done acknowledged. Returns how many records that were."""
        ledger = self.dispatcher.ledger
        return ledger.acknowledge(ledger.commits())

    def idle(self) -> bool:
        return self.dispatcher.overview.demand().idle

    def done(self) -> int | None:
        """The offset that would be committed."""
        done = self.partition.done
        return None if done is None else done.offset


def offset(of: Record | Position) -> int:
    return of.position.offset if isinstance(of, Record) else of.offset


def offsets(batch: Batch) -> list[int]:
    return [offset(record) for record in batch.records]


def keyed(*keys: str | None) -> list[Record]:
    """Records with these keys; offsets have gaps."""
    return [
        kafka_record(3 * number, key=None if key is None else key.encode())
        for number, key in enumerate(keys)
    ]
