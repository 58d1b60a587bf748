"""Attempts at a batch: what counts as an attempt, what is given up and when."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headrace.errors import NotDone
from headrace.processing.outcomes import Outcomes
from headrace.runner.function.errors import Throttled
from headrace.testing.memory_sink import MemorySink
from tests.headrace.runner.test_retry_notices import Lines
from tests.support.delivery import Delivery
from tests.support.failing import WHOLE, batch_of, partial, whole
from tests.support.runner import kafka_record, kinesis_record


def test_throttles_and_timeouts():
    """A throttle is no attempt and splits nothing; a timeout is a failure like any other."""
    failures = [Throttled("busy")] * 5 + [TimeoutError("30 s")] * 2

    def invoke(records):
        if failures:
            raise failures.pop(0)
        return Outcomes(records)

    found = Delivery(batch_of(2), invoke, bisect=True, retries=1)
    assert found.calls == [[0, 1]] * 6 + [[0], [1], [0]]
    assert found.tries == [1, 2, 3, 4, 5, 0, 0]
    assert found.letters() == []


def test_age_is_checked_before_each_attempt_and_the_first():
    """GIVEN a record too old, and one that grows too old while it is retried."""
    now = time.time_ns() // 1_000_000
    records = [
        kafka_record(0, b"old", timestamp=now - 61_000),
        kafka_record(1, b"ageing", timestamp=now - 59_000),
        kafka_record(2, b"fresh", timestamp=now + 3_600_000),
    ]

    def invoke(records):
        if records[0].value == b"ageing":
            time.sleep(0.3)
            raise ValueError("no")
        return Outcomes(records)

    found = Delivery(records, invoke, age=60)
    assert found.calls[0] == [1, 2]
    assert found.calls[-1] == [2]
    assert [(letter.value, letter.error_type) for letter in found.letters()] == [
        (b"old", "RecordAgeExceeded"),
        (b"ageing", "RecordAgeExceeded"),
    ]


def test_the_most_retries_are_ten_thousand():
    found = Delivery(batch_of(1), whole({0}), retries=9_000)
    assert len(found.calls) == 9_001


@pytest.mark.parametrize("make", [kafka_record, lambda n, v: kinesis_record(str(n), v)])
def test_a_record_over_the_payload_limit_is_given_up_without_an_invocation(make):
    found = Delivery([make(1, bytes(5_000_000))], whole())
    assert found.calls == []
    (letter,) = found.letters()
    assert letter.error_type == "MaximumPayloadSizeExceeded"
    assert letter.value == bytes(5_000_000)


def test_without_a_destination_nothing_is_given_up():
    """GIVEN nowhere to go, THEN a large record is delivered, and a failed one for ever."""
    found = Delivery([kafka_record(1, bytes(5_000_000))], whole(), destination=None)
    assert found.calls == [[0]]
    with pytest.raises(AssertionError, match="still open"):
        Delivery(batch_of(1), whole({0}), destination=None, retries=0)


def test_for_whole_batches_nothing_is_invoked_while_the_destination_refuses():
    refusing = MemorySink(refuse=3)
    found = Delivery(batch_of(2), whole({0}), bisect=True, retries=0, sink=refusing, **WHOLE)
    assert found.tries == [0, 1, 2, 3]
    assert found.calls == [[0, 1], [0], [1]]
    assert [letter.value for letter in found.letters()] == [b"0"]


def test_a_destination_that_refuses_is_told_of_at_growing_distances_and_anew_after_its_end():
    lines = Lines()
    for refuse in (9, 3):
        Delivery(batch_of(1), whole({0}), retries=0, sink=MemorySink(refuse=refuse), log=lines)
    assert lines.messages().splitlines() == ["failure destination refused", "records given up"] * 2


def test_held_back_records_are_not_counted():
    def invoke(records):
        if records[0].position.offset == 0:
            behind = dict.fromkeys(range(1, len(records)), NotDone("held back"))
            return Outcomes(records, {0: ValueError("no"), **behind})
        return Outcomes(records)

    found = Delivery(batch_of(2), invoke, retries=1)
    assert found.calls == [[0, 1], [1], [0]]
    found = Delivery(batch_of(2), invoke, retries=1, **WHOLE)
    assert found.calls == [[0, 1], [0, 1], [1]]


def test_each_invocation_is_counted_once():
    found = Delivery(batch_of(4), whole({3}), bisect=True, retries=0)
    counts = found.stats.snapshot()
    assert (counts.invoked, counts.failed, counts.done, counts.retried) == (10, 7, 3, 6)
    assert (counts.dead_lettered, counts.delivered_to_destination) == (1, 1)


@settings(deadline=None)
@given(
    poison=st.sets(st.integers(0, 19)),
    weather=st.lists(st.sampled_from(["fine", "fine", "broken", "busy"]), max_size=30),
    function=st.sampled_from([whole, partial]),
    bisect=st.booleans(),
    retries=st.integers(0, 3),
    refusals=st.integers(0, 4),
    isolate=st.booleans(),
)
def test_whatever_happens_each_record_is_done_or_a_dead_letter(
    poison, weather, function, bisect, retries, refusals, isolate
):
    """GIVEN poison, an unsteady function and an unsteady destination, THEN nothing is lost."""
    seen, invocations = [], iter(weather)
    inner = function(poison, seen)

    def invoke(records):
        match next(invocations, "fine"):
            case "broken":
                raise ValueError("out of order")
            case "busy":
                raise Throttled("busy")
        return inner(records)

    sink = MemorySink(refuse=refusals)
    options = {"bisect": bisect, "retries": retries, "sink": sink, "isolate": isolate}
    found = Delivery(batch_of(20), invoke, **options)
    dead = [letter.position.offset for letter in found.letters()]
    assert sorted(seen + dead) == list(range(20))
    for key in range(3) if isolate else ():
        assert (own := [n for n in seen if n % 3 == key]) == sorted(own)
    assert isolate or seen == sorted(seen)
    assert poison <= set(dead)
    if not set(weather) & {"broken"} and (bisect or function is partial):
        assert sorted(dead) == sorted(poison)
