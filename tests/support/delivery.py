"""A batch delivered until it is done, without threads or waits; a source of given records."""

import time
from collections.abc import Callable, Sequence

from headrace.dead_letters import reading
from headrace.dead_letters.letter import DeadLetter
from headrace.log import logger
from headrace.processing.outcomes import Outcomes
from headrace.record import Position, Record
from headrace.runner.delivery.deliver import Deliverer
from headrace.runner.delivery.destination import FailureDestination
from headrace.runner.delivery.limits import RetryLimits
from headrace.runner.monitoring.stats import Stats
from headrace.runner.poller import Intake
from headrace.testing.memory_sink import MemorySink
from tests.support.partitions import OnePartition, Waits

Invoke = Callable[[Sequence[Record]], Outcomes]


class Delivery:
    """What became of a batch.

    Attributes:
        calls: the records of each invocation, as the index in the batch.
        tries: `batch.tries` after each attempt that left something open.
        sink: the failure destination's.
        stats: as counted.
    """

    def __init__(self, records: Sequence[Record], invoke: Invoke, **options) -> None:
        self.records = list(records)
        self.calls: list[list[int]] = []
        self.tries: list[int] = []
        self.sink = options.pop("sink", None) or MemorySink()
        self.stats = Stats()
        self._invoke = invoke
        limits = RetryLimits(options.pop("retries", -1), options.pop("age", -1))
        destination = options.pop("destination", FailureDestination(self.sink))
        log = options.pop("log", logger("test", "CRITICAL"))
        deliverer = Deliverer(self._call, limits, destination, self.stats, log, **options)
        partition = OnePartition(batch_size=len(self.records))
        partition.add(self.records)
        for _ in range(10_000):
            taken = partition.take()
            deliverer.attempt(taken.batch)
            if taken.batch.open:
                self.tries.append(taken.batch.tries)
            partition.dispatcher.settle(taken, Waits())
            partition.commit()
            if partition.idle():
                return
        raise AssertionError(f"still open: {taken.batch.open}")

    def _call(self, records: Sequence[Record]) -> Outcomes:
        self.calls.append([self.records.index(record) for record in records])
        return self._invoke(records)

    def letters(self) -> list[DeadLetter]:
        return letters(self.sink)


def letters(sink: MemorySink) -> list[DeadLetter]:
    """What a sink holds, in the order of its acknowledgements."""
    return [reading.decode(message.value) for message in sink.messages]


class ListPoller:
    """Feeds one partition given records, and notes what is committed.

    Attributes:
        commits: the position of each commit.
        fed_at: when the records were handed over, on `time.monotonic()`.
    """

    window = 0.0
    ready = True

    def __init__(self, records: Sequence[Record]) -> None:
        self.commits: list[Position] = []
        self.fed_at = 0.0
        self._records = list(records)

    def start(self, intake: Intake) -> None:
        self._intake = intake
        self._channel = intake.open("orders-0")

    def poll(self, wait: float) -> None:
        records, self._records = self._records, []
        if records:
            self.fed_at = time.monotonic()
            self._intake.feed(self._channel, records)
        elif wait:
            self._intake.wait(min(wait, 0.002))

    def commit(self, positions: Sequence[Position]) -> None:
        self.commits += positions

    def close(self) -> None:
        pass
