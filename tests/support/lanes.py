"""Lanes without threads: a clock that stands still, and batches settled by hand."""

from collections.abc import Iterable, Sequence

from headrace.processing.outcomes import Outcomes
from headrace.record import Record
from headrace.runner.dispatch.batch import Batch
from headrace.runner.dispatch.dispatcher import Dispatcher
from headrace.runner.dispatch.key_group import Strand
from headrace.runner.dispatch.partition import Lane
from headrace.runner.settings import MappingSettings
from tests.support.runner import QUICK, kafka_record


class Clock:
    """Stands still but when it is set."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class OneLane:
    """A dispatcher with one lane."""

    def __init__(self, window: float = 0.0, *, rolling: bool = False, **settings) -> None:
        self.clock = Clock()
        self.dispatcher = Dispatcher(self.clock)
        self.lane = Lane("orders-0", MappingSettings(**QUICK | settings), window, rolling=rolling)
        self.dispatcher.open(self.lane)

    def feed(self, records: Sequence[Record], passed: Sequence[bool] | None = None) -> None:
        self.dispatcher.feed(self.lane, records, passed)

    def take(self) -> tuple[Strand, Batch]:
        taken = self.dispatcher.take()
        assert taken is not None, "no batch is ready"
        return taken

    def take_all(self) -> list[tuple[Strand, Batch]]:
        return list(iter(self.dispatcher.take, None))

    def settle(
        self, taken: tuple[Strand, Batch], failed: Iterable[int] = (), delay: float = 0.0
    ) -> None:
        """Take a batch back; the records at these places in it have failed."""
        strand, batch = taken
        batch.learn(Outcomes(batch.open_records(), {place: ValueError() for place in failed}))
        self.dispatcher.settle(strand, batch, lambda tries: delay)

    def commit(self) -> int:
        """Have all that is done acknowledged. Returns how many records that were."""
        return self.dispatcher.committed(self.dispatcher.uncommitted())

    def done(self) -> int | None:
        """The offset that would be committed."""
        done = self.lane.done
        return None if done is None else offset(done)


def offset(record: Record) -> int:
    return record.position.offset


def offsets(batch: Batch) -> list[int]:
    return [offset(record) for record in batch.records]


def keyed(*keys: str | None) -> list[Record]:
    """Records with these keys; offsets have gaps."""
    return [
        kafka_record(3 * number, key=None if key is None else key.encode())
        for number, key in enumerate(keys)
    ]
