"""A mapping that breaks a rule is found out, by the requirement that tells of it."""

import pytest

from headrace.runner.delivery import limits
from headrace.runner.delivery.limits import RetryLimits
from headrace.runner.dispatch.partition import Partition
from headrace.runner.filter.filter import Filter
from headrace.runner.function.open import EventInvoker
from headrace.runner.protocol.failures import Failures
from headrace.runner.way import open_way
from headrace.testing.conformance import Invocation, Observed, Requirement, requirements
from headrace.testing.conformance.adapter import judge, verdict
from headrace.testing.conformance.enough import is_too_little, is_too_much
from headrace.testing.conformance.memory import adapter as memory
from headrace.testing.conformance.memory.adapter import MemoryAdapter

KNOWN = {given.id: given for given in requirements()}


def met(name):
    return verdict(MemoryAdapter(), KNOWN[name]).is_met


def isolating(*given):
    way = open_way(*given)
    return type(way)(way.invoke, way.poller, isolates=True, bisects=way.bisects, cuts=way.cuts)


MUTANTS = {
    "counts the first attempt as a retry": (
        "kafka-retries-2",
        (RetryLimits, "exhausted", lambda real: lambda self, batch: real(_less(self), batch)),
    ),
    "never looks at the age": (
        "kinesis-age",
        (RetryLimits, "unfit", lambda _: lambda self, batch: iter(())),
    ),
    "lets others go on beside a failed record": (
        "kinesis-partial-holds-back",
        (memory, "open_way", lambda _: isolating),
    ),
    "reads no partial response": (
        "kafka-partial",
        (EventInvoker, "__call__", lambda real: lambda self, records: real(_deaf(self), records)),
    ),
    "filters nothing": (
        "kinesis-filter",
        (Filter, "__call__", lambda _: lambda self, records: None),
    ),
    "delivers records of any size": (
        "kafka-record-over-the-payload-limit",
        (limits, "oversized", lambda _: lambda record: False),
    ),
    "never waits for a window": (
        "kafka-window",
        (Partition, "__init__", lambda real: _without_window(real)),
    ),
}


def _less(limits):
    return RetryLimits(limits.retries - 1, limits.age_seconds, limits.now)


def _deaf(invoker):
    invoker._failures = Failures(partial=False)
    return invoker


def _without_window(real):
    return lambda self, name, settings, window, **more: real(self, name, settings, 0.0, **more)


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_runner_that_breaks_a_rule_is_found_out(mutant, monkeypatch):
    name, (place, attribute, change) = MUTANTS[mutant]
    assert met(name)
    monkeypatch.setattr(place, attribute, change(getattr(place, attribute)))
    assert not met(name)


class Nothing:
    """A mapping that takes everything and does nothing."""

    name = "nothing"

    def run(self, requirement: Requirement) -> Observed:
        return Observed()


class Careless:
    """A mapping that delivers each record once, whatever comes of it, and refuses nothing."""

    name = "careless"

    def run(self, requirement: Requirement) -> Observed:
        names = [record.name for record in requirement.records]
        last = {record.partition: record.name for record in requirement.records}
        return Observed(invocations=[Invocation(event={}, records=names)], positions=last)


@pytest.mark.parametrize(("kind", "most"), [(Nothing, 0.1), (Careless, 0.25)])
def test_a_mapping_that_does_little_meets_little(kind, most):
    verdicts = judge(kind(), requirements())
    assert sum(found.is_met for found in verdicts) <= most * len(verdicts)


def test_an_adapter_that_breaks_ends_nothing_else():
    class Broken:
        name = "broken"

        def run(self, requirement):
            raise OSError("no such stream")

    first, second = judge(Broken(), requirements()[:2])
    assert first.differences == second.differences == ("OSError: no such stream",)


def test_what_fails_beside_others_is_run_again():
    class Busy(Careless):
        def __init__(self, at_once):
            self.runs = []
            self.at_once = at_once

        def run(self, requirement):
            self.runs.append(requirement.id)
            if self.runs.count(requirement.id) == 1:
                raise TimeoutError("too much at once")
            return super().run(requirement)

    once, twice = Busy(1), Busy(4)
    chosen = [KNOWN["kafka-order"], KNOWN["kafka-empty"]]
    assert [found.is_met for found in judge(once, chosen)] == [False, False]
    assert len(once.runs) == 2
    assert [found.differences for found in judge(twice, chosen)] == [
        found.differences for found in judge(Careless(), chosen)
    ]
    assert len(twice.runs) == 4


def test_what_more_time_would_not_change_is_not_run_again():
    class Eager(Careless):
        at_once = 4

        def __init__(self):
            self.runs = []

        def run(self, requirement):
            self.runs.append(requirement.id)
            return Observed(invocations=came(["a"], ["a"]))

    eager = Eager()
    chosen = [KNOWN["sqs-limit-batch-size-0"], KNOWN["kinesis-success-null"], KNOWN["kafka-order"]]
    assert [found.is_met for found in judge(eager, chosen)] == [False] * 3
    assert sorted(eager.runs) == sorted([*(given.id for given in chosen), "kafka-order"])


def came(*batches):
    return [Invocation(event={}, records=list(records)) for records in batches]


@pytest.mark.parametrize(
    ("name", "some", "enough", "more"),
    [
        ("kinesis-retries-2", ["a"], ["a", "a", "a"], ["a", "a", "a", "a"]),
        ("sqs-batch-of-one", ["a"], ["b", "c", "a"], ["a", "b", "c", "a"]),
        ("kinesis-retries-without-end", [], ["a"] * 13, ["a"] * 14),
    ],
)
def test_what_is_too_little_and_what_is_too_much(name, some, enough, more):
    given = KNOWN[name]
    few, right, many = (came(*names) for names in (some, enough, more))
    assert [is_too_little(given, found) for found in (few, right, many)] == [True, False, False]
    assert [is_too_much(given, found) for found in (few, right, many)] == [False, False, True]


def test_what_is_to_be_refused_and_is_not_is_too_much_at_once():
    assert is_too_much(KNOWN["sqs-limit-batch-size-0"], [])


def test_an_event_that_is_expected_is_waited_for():
    assert is_too_little(KNOWN["kinesis-event"], [])
    assert not is_too_little(KNOWN["kinesis-event"], came(["a"]))
