"""A worker in a mapping has its attempts limited in number and by age, as AWS promises it."""

import time

import pytest

from headrace.processing.outcomes import Outcomes
from headrace.runner.function.errors import Throttled
from tests.support.mapping_acts import failing, partial, succeed, whole

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
