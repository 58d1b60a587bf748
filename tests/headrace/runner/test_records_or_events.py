"""The same cases through records and through the service's events end in the same way."""

from collections import Counter

import pytest

from headrace import Reject, Worker, lambda_handler
from headrace.dead_letters import reading
from headrace.processing.outcomes import Outcomes
from headrace.runner.delivery.destination import FailureDestination
from headrace.runner.function.open import open_invoker
from headrace.runner.protocol.events import kafka_event
from headrace.runner.settings import MappingSettings
from headrace.testing.memory_consumer import MemoryConsumer
from headrace.testing.memory_sink import MemorySink
from headrace.testing.memory_topic import MemoryTopic
from tests.support.runner import kafka_record, run_memory


class Flaky(Worker):
    """Fails, rejects or takes each record as its value says: `fail N` fails N times."""

    def __init__(self) -> None:
        super().__init__()
        self.deliveries = Counter()
        self.first = []

    def process(self, record) -> None:
        self.deliveries[record.position.offset] += 1
        kind, _, times = record.value.partition(b" ")
        if kind == b"reject":
            raise Reject("never")
        if self.deliveries[record.position.offset] <= int(times or 0):
            raise ValueError("not yet")
        if record.position.offset not in self.first:
            self.first.append(record.position.offset)


PARTIAL = {"report_batch_item_failures": True}


def build(records):
    return kafka_event(records, "h")


def run_case(values, path, monkeypatch_env):
    monkeypatch_env("HEADRACE_REPORT_BATCH_ITEM_FAILURES", "true")
    broker = MemoryTopic()
    for number, (value, key) in enumerate(values):
        broker.produce(value, key, gap=number % 3)
    handler = lambda_handler(Flaky)
    invoke = open_invoker(handler, build, MappingSettings(invoke=path, **PARTIAL))
    sink = MemorySink()
    run_memory(
        MemoryConsumer(broker),
        invoke,
        FailureDestination(sink),
        batch_size=7,
        maximum_retry_attempts=3,
    )
    letters = sorted(
        (letter.position.offset, letter.value, letter.error_type)
        for letter in (reading.decode(message.value) for message in sink.messages)
    )
    by_key = {}
    for offset in handler.worker().first:
        record = next(r for r in broker.partitions[0] if r.position.offset == offset)
        by_key.setdefault(record.key, []).append(offset)
    return {"letters": letters, "done by key": by_key, "committed": broker.committed}


CASES = {
    "all well": [(b"ok", b"a")] * 10,
    "one fails once": [(b"ok", b"a"), (b"fail 1", b"b"), (b"ok", b"b"), (b"ok", b"a")] * 3,
    "poison at the first": [(b"fail 99", b"a"), *[(b"ok", b"a")] * 8],
    "poison at the last": [*[(b"ok", b"a")] * 6, (b"fail 99", b"b")],
    "poison twice in a batch": [(b"fail 99", b"a"), (b"ok", b"b"), (b"fail 99", b"b")] * 2,
    "the last retry succeeds": [(b"fail 3", b"a"), (b"ok", b"a")],
    "rejected without a dead-letter sink": [(b"ok", b"a"), (b"reject", b"a"), (b"ok", b"a")],
    "no keys": [(b"fail 2", None), (b"ok", None), (b"fail 99", None)],
}


@pytest.mark.parametrize("case", CASES)
def test_both_paths_end_alike(case, monkeypatch):
    results = [run_case(CASES[case], path, monkeypatch.setenv) for path in ("records", "event")]
    assert results[0] == results[1]
    assert results[0]["committed"]


def test_poison_goes_to_the_destination_and_nothing_else_does(monkeypatch):
    found = run_case(CASES["poison twice in a batch"], "event", monkeypatch.setenv)
    assert [value for _, value, _ in found["letters"]] == [b"fail 99"] * 4


def test_a_function_sees_its_remaining_time_and_its_name():
    seen = []

    def resize(event, context):
        seen.append((context.get_remaining_time_in_millis(), context.function_name))

    invoke = open_invoker(resize, build, MappingSettings(invoke="event"))
    assert isinstance(invoke([kafka_record(1)]), Outcomes)
    ((milliseconds, name),) = seen
    assert 0 < milliseconds <= 900_000
    assert name == "resize"
