"""A worker in a mapping loses what is to blame alone, and gets it back from where it went."""

import pytest

from headrace.testing.memory_sink import MemorySink
from tests.support.mapping_acts import partial, succeed, whole

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
