"""A whole mapping: either source, one function, in this process or in a child."""

import json
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from msgspec.structs import replace

from headrace.log import logger
from headrace.processing.outcomes import Outcomes
from headrace.record import Record
from headrace.runner.delivery.deliver import Deliverer
from headrace.runner.delivery.destination import FailureDestination
from headrace.runner.delivery.limits import RetryLimits
from headrace.runner.mapping import EventSourceMapping
from headrace.runner.monitoring.stats import Snapshot, Stats
from headrace.runner.protocol.events import event_of
from headrace.runner.settings import MappingSettings
from headrace.runner.stop import Stop
from headrace.runner.way import open_way
from headrace.sources import pick
from headrace.testing.memory_sink import MemorySink
from tests.support.delivery import ListPoller, letters
from tests.support.function.relay import relay
from tests.support.runner import QUICK, kafka_record, kinesis_record

SOURCES = ("kafka", "kinesis")

Act = Callable[[Sequence[Record]], Outcomes]


class Function:
    """Takes records as they are, or the service's event; notes what each invocation brought.

    Attributes:
        calls: the values of each invocation.
        begun: when each began, on `time.monotonic()`.
    """

    def __init__(self, act: Act) -> None:
        self.calls: list[list[bytes]] = []
        self.begun: list[float] = []
        self._act = act
        self._lock = threading.Lock()

    def worker(self) -> "Function":
        return self

    def run(self, records: Sequence[Record], deadline: float = 0.0) -> Outcomes:
        with self._lock:
            self.calls.append([record.value for record in records])
            self.begun.append(time.monotonic())
        return self._act(records)

    def __call__(self, event, context=None):
        source = pick(event)
        outcomes = self.run(source.records(event))
        return source.respond(outcomes)


class Result:
    """How a mapping ended."""

    def __init__(self, function: Function, poller: ListPoller, sink: MemorySink, stats: Stats):
        self.calls = function.calls
        self.begun = function.begun
        self.letters = letters(sink)
        self.failure_records = [json.loads(message.value) for message in sink.messages]
        self.committed = poller.commits[-1] if poller.commits else None
        self.fed_at = poller.fed_at
        self.counts: Snapshot = stats.snapshot()

    def delivered(self) -> list[bytes]:
        """The values, in the order of their deliveries."""
        return [value for call in self.calls for value in call]

    def given_up(self) -> list[tuple[bytes, str]]:
        """Value and condition of each failure record."""
        return [(letter.value, letter.error_type) for letter in self.letters]


class MappingCase:
    """Runs mappings of one source; the function takes records, here or in a child, or events."""

    def __init__(self, source: str, invoker: str) -> None:
        self.source = source
        self.invoker = invoker

    def record(self, number: int, value: bytes = b"", key: bytes = b"k", **more) -> Record:
        """A record of the source's one partition or shard; its value is its number, if none."""
        value = value or b"%d" % number
        if self.source == "kafka":
            return kafka_record(number, value, key, **more)
        plain = kinesis_record(str(1000 + number), value, key)
        return Record("kinesis", plain.position, value, key, (), more.get("timestamp", 1))

    def records(self, count: int) -> list[Record]:
        return [self.record(n, key=b"k%d" % (n % 3)) for n in range(count)]

    def run(self, records: Sequence[Record], act: Act, *, sink=None, **settings):
        """Run until every record is done, and committed."""
        sink = sink or MemorySink()
        function = Function(act)
        poller, stats, log = ListPoller(records), Stats(), logger("test", "CRITICAL")
        with ExitStack() as stack:
            in_child = self.invoker == "records in a child"
            handler = stack.enter_context(relay(function)) if in_child else function
            chosen = MappingSettings(**QUICK | {"report_batch_item_failures": True} | settings)
            invoke = "event" if self.invoker == "event" else "records"
            chosen = replace(
                chosen, invoke=invoke, function_timeout_seconds=60.0 if in_child else None
            )
            way = open_way(handler, poller, event_of, chosen, self.source)
            stack.callback(getattr(way.invoke, "close", lambda: None))
            age = chosen.maximum_record_age_in_seconds
            deliverer = Deliverer(
                way.invoke,
                RetryLimits(chosen.retries(self.source), age),
                FailureDestination(sink),
                stats,
                log,
                isolate=way.isolates,
                bisect=way.bisects,
            )
            stop = Stop(when_idle=0.02)
            mapping = EventSourceMapping(
                chosen, poller, deliverer, stats, stop, log, source=self.source
            )
            mapping.run()
        return Result(function, poller, sink, stats)

    def pattern(self, rule: dict) -> str:
        """Filter criteria for the payload."""
        return json.dumps([{"value" if self.source == "kafka" else "data": rule}])
