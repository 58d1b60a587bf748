"""A worker keeps what AWS promises of a mapping, too, and what goes beyond that.

A worker gets records and answers for each of them; what holds for a function of events is in
`headrace.testing.conformance`.
"""

import threading
import time
from collections import Counter

import pytest

from headrace.errors import NotDone
from headrace.processing.outcomes import Outcomes
from headrace.runner.function.errors import Throttled
from headrace.runner.settings import MappingSettings
from headrace.testing.memory_sink import MemorySink
from tests.support.mapping_case import SOURCES, MappingCase

# More than a hundred times a part of a second.
IN_A_CHILD = pytest.param("records in a child", marks=pytest.mark.slow(seconds=0.3))


@pytest.fixture(params=SOURCES)
def source(request):
    return request.param


@pytest.fixture(params=["records", IN_A_CHILD])
def case(request, source):
    return MappingCase(source, request.param)


@pytest.fixture(params=["records", "event"])
def prompt_case(request, source):
    """Without children, which take some time to start; a worker, or a function of events."""
    return MappingCase(source, request.param)


def succeed(records):
    return Outcomes(records)


def whole(*poison):
    """Fail as a whole where one of these values is in the batch."""

    def act(records):
        if set(poison) & {record.value for record in records}:
            raise ValueError("poison")
        return Outcomes(records)

    return act


def partial(*poison):
    """Stop at the first of these values, and report it."""

    def act(records):
        for index, record in enumerate(records):
            if record.value in poison:
                later = range(index + 1, len(records))
                failures = dict.fromkeys(later, NotDone("after it"))
                return Outcomes(records, failures | {index: ValueError("poison")})
        return Outcomes(records)

    return act


def failing(times):
    """Fail as a whole so many times."""
    left = [times]

    def act(records):
        left[0] -= 1
        if left[0] >= 0:
            raise ValueError("not yet")
        return Outcomes(records)

    return act


# BatchSize


def test_batch_size(case):
    records = case.records(10)
    found = case.run(records, succeed, batch_size=4)
    assert [len(call) for call in found.calls] == [4, 4, 2]
    assert found.delivered() == [record.value for record in records]
    assert found.committed == records[-1].position
    assert MappingSettings().records_per_batch == 100


# MaximumBatchingWindowInSeconds


def test_a_batch_that_is_not_full_waits_for_its_window(case):
    found = case.run(case.records(3), succeed, maximum_batching_window_in_seconds=0.3)
    assert len(found.calls) == 1
    assert found.begun[0] - found.fed_at >= 0.3


def test_a_full_batch_does_not_wait(case):
    """GIVEN a window longer than the test may take, THEN a full batch does not see its end."""
    settings = {"maximum_batching_window_in_seconds": 300.0, "batch_size": 3}
    assert len(case.run(case.records(3), succeed, **settings).calls) == 1


# payload


def test_a_batch_closes_at_6_mb_of_its_event(case):
    records = [case.record(n, bytes([n]) * 1_900_000) for n in range(3)]
    found = case.run(records, succeed)
    assert [len(call) for call in found.calls] == [2, 1]


def test_a_record_over_6_mb_goes_to_the_destination_and_the_others_on(case):
    records = [case.record(0), case.record(1, bytes(4_800_000)), case.record(2)]
    found = case.run(records, succeed)
    assert found.given_up() == [(bytes(4_800_000), "MaximumPayloadSizeExceeded")]
    assert found.calls == [[b"0"], [b"2"]]
    assert found.committed == records[-1].position


# concurrency


def test_one_batch_of_a_partition_is_in_flight(case):
    at_once, most = [], []

    def act(records):
        at_once.append(records)
        most.append(len(at_once))
        time.sleep(0.005)
        at_once.remove(records)
        return Outcomes(records)

    case.run(case.records(20), act, batch_size=2, function_concurrency=4)
    assert max(most) == 1


def test_with_a_parallelization_factor_keys_run_at_once_and_each_in_order(case):
    both, lock = threading.Barrier(2, timeout=10), threading.Lock()
    seen, at_work, waited = {}, Counter(), []

    def act(records):
        keys = {record.key for record in records}
        with lock:
            at_work.update(keys)
            assert max(at_work.values()) == 1  # no key is in two batches
            is_early = len(waited) < 2
            waited.append(keys)
        if is_early:
            both.wait()  # two are at work, or this breaks
        with lock:
            at_work.subtract(keys)
            for record in records:
                seen.setdefault(record.key, []).append(record.value)
        return Outcomes(records)

    records = [case.record(n, key=b"key-%d" % (n % 32)) for n in range(128)]
    settings = {"parallelization_factor": 4, "function_concurrency": 4, "batch_size": 4}
    found = case.run(records, act, maximum_retry_attempts=0, **settings)
    assert found.given_up() == []
    for key, values in seen.items():
        assert values == [record.value for record in records if record.key == key]
    assert found.committed == records[-1].position


# MaximumRetryAttempts


@pytest.mark.parametrize(("retries", "deliveries"), [(0, 1), (2, 3)])
def test_the_first_attempt_is_not_a_retry(case, retries, deliveries):
    records = case.records(1)
    found = case.run(records, whole(b"0"), maximum_retry_attempts=retries)
    assert len(found.calls) == deliveries
    assert found.given_up() == [(b"0", "RetryAttemptsExhausted")]
    assert found.committed == records[-1].position


def test_in_the_runner_s_own_process_each_failure_counts(case):
    records = case.records(6)
    settings = {"batch_size": 3, "maximum_retry_attempts": 3}
    found = case.run(records, partial(b"5"), **settings)
    assert found.delivered().count(b"5") == 4


def test_kafka_with_a_destination_has_ten_retries_at_most(case):
    """Documented by AWS for Kafka; a Kinesis mapping is told -1 and means it."""
    settings = {"maximum_retry_attempts": -1, "on_failure_url": "file:it-is-given-beside"}
    found = case.run(case.records(1), failing(12), **settings)
    if case.source == "kafka":
        assert len(found.calls) == 11
        assert found.given_up() == [(b"0", "RetryAttemptsExhausted")]
    else:
        assert len(found.calls) == 13
        assert found.given_up() == []


def test_minus_one_is_without_end(case):
    found = case.run(case.records(1), failing(12), maximum_retry_attempts=-1)
    assert len(found.calls) == 13
    assert found.given_up() == []


def test_throttles_do_not_count(case):
    refusals = [Throttled("busy")] * 3

    def act(records):
        if refusals:
            raise refusals.pop()
        return Outcomes(records)

    found = case.run(case.records(2), act, maximum_retry_attempts=0)
    assert found.given_up() == []
    assert found.calls[-1] == [b"0", b"1"]


# MaximumRecordAgeInSeconds


def test_records_past_their_age_are_not_delivered(case):
    now = time.time_ns() // 1_000_000
    records = [case.record(0, timestamp=now - 61_000), case.record(1, timestamp=now)]
    found = case.run(records, succeed, maximum_record_age_in_seconds=60)
    assert found.given_up() == [(b"0", "RecordAgeExceeded")]
    assert found.calls == [[b"1"]]
    assert found.committed == records[-1].position


def test_age_is_checked_before_each_attempt(prompt_case):
    case = prompt_case
    records = [case.record(0, timestamp=time.time_ns() // 1_000_000 - 59_500)]
    settings = {"retry_backoff_seconds": 0.05, "retry_backoff_max_seconds": 0.05}
    found = case.run(records, whole(b"0"), maximum_record_age_in_seconds=60, **settings)
    assert found.given_up() == [(b"0", "RecordAgeExceeded")]
    assert 1 < len(found.calls) < 40


def test_minus_one_is_no_age_at_all(case):
    found = case.run([case.record(0, timestamp=1)], succeed)
    assert found.calls == [[b"0"]]


# BisectBatchOnFunctionError


def calls_of(found) -> list[list[int]]:
    return [[int(value) for value in call] for call in found.calls]


HALVES = [
    [0, 1, 2, 3, 4, 5, 6, 7],
    [0, 1, 2, 3],
    [4, 5, 6, 7],
    [4, 5],
    [4],
    [5],
]


def test_a_failed_batch_is_halved_until_the_poison_is_alone_and_the_others_go_on(case):
    settings = {"bisect_batch_on_function_error": True, "maximum_retry_attempts": 1}
    records = case.records(8)
    found = case.run(records, whole(b"5"), **settings)
    assert calls_of(found) == [*HALVES, [6, 7], [5]]
    assert found.given_up() == [(b"5", "RetryAttemptsExhausted")]
    assert found.committed == records[-1].position


def test_a_worker_of_which_a_batch_fails_as_a_whole_loses_the_poison_alone(case):
    """As if its process was killed: it is the runner's own, so it looks for what is to blame."""
    found = case.run(case.records(3), whole(b"1"), maximum_retry_attempts=1)
    assert found.given_up() == [(b"1", "RetryAttemptsExhausted")]


# FunctionResponseTypes


def test_a_partial_response_delivers_from_its_lowest_failure_again(case):
    """What comes after it comes at once; what failed comes by itself, when it is due."""
    left = [2]

    def act(records):
        left[0] -= 1
        return partial(b"3" if left[0] else b"1")(records) if left[0] >= 0 else succeed(records)

    found = case.run(case.records(5), act)
    assert calls_of(found) == [[0, 1, 2, 3, 4], [4], [3]]


# DestinationConfig


def test_nothing_advances_until_the_destination_has_acknowledged(prompt_case):
    """Better than AWS, which drops what its destination does not take."""
    records, sink = prompt_case.records(3), MemorySink(refuse=3)
    found = prompt_case.run(records, partial(b"1"), sink=sink, maximum_retry_attempts=0)
    alone = [] if "records" in prompt_case.invoker else [[1]]  # its attempts count anew
    assert calls_of(found) == [[0, 1, 2], [2], *alone]
    assert found.given_up() == [(b"1", "RetryAttemptsExhausted")]
    assert found.counts.dropped == 0
    assert found.committed == records[-1].position


def test_a_failure_record_gives_the_record_back(prompt_case):
    record = prompt_case.record(1, b"\x00\xffbytes", "ключ".encode())
    found = prompt_case.run([record], whole(b"\x00\xffbytes"), maximum_retry_attempts=0)
    assert [letter.record() for letter in found.letters] == [record]


# What a failure record says


def test_a_record_past_its_age_has_no_response_and_counts_as_invoked_once(case):
    found = case.run([case.record(0, timestamp=1)], succeed, maximum_record_age_in_seconds=60)
    (failure,) = found.failure_records
    assert "responseContext" not in failure
    assert failure["requestContext"]["approximateInvokeCount"] == 1


# FilterCriteria


def test_only_what_matches_is_delivered_and_the_position_goes_past_the_rest(case):
    values = [b'{"kind": "a"}', b'{"kind": "b"}', b"not json", b'{"kind": "a"}', b'{"kind": "b"}']
    records = [case.record(n, value) for n, value in enumerate(values)]
    found = case.run(records, succeed, filter_criteria=case.pattern({"kind": ["a"]}))
    assert found.delivered() == [values[0], values[3]]
    assert found.committed == records[-1].position
    assert (found.counts.filtered_out, found.counts.polled) == (3, 5)


# All together


@pytest.mark.parametrize("act", [whole, partial])
def test_one_poison_in_a_hundred_is_all_that_is_given_up(prompt_case, act):
    """GIVEN 1 % poison, in batches of which it stands at many positions."""
    records = [prompt_case.record(n, key=b"k%d" % (n % 7)) for n in range(600)]
    poison = [b"%d" % n for n in range(600) if n % 101 == 17]
    done = []

    def counted(records):
        outcomes = act(*poison)(records)
        failed = min(outcomes.failures, default=len(records))
        done.extend(int(record.value) for record in records[:failed])
        return outcomes

    settings = {"bisect_batch_on_function_error": True, "batch_size": 40}
    found = prompt_case.run(records, counted, maximum_retry_attempts=1, **settings)
    assert sorted(int(value) for value, _ in found.given_up()) == sorted(map(int, poison))
    assert sorted(done) == [n for n in range(600) if b"%d" % n not in poison]
    for key in range(7):
        assert (own := [n for n in done if n % 7 == key]) == sorted(own)
    assert found.committed == records[-1].position
