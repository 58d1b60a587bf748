"""A worker in a mapping gets batches as AWS promises them: when they close, what is in flight."""

import threading
import time
from collections import Counter

from headrace.processing.outcomes import Outcomes
from headrace.runner.settings import MappingSettings
from tests.support.mapping_acts import succeed

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


# FilterCriteria


def test_only_what_matches_is_delivered_and_the_position_goes_past_the_rest(case):
    values = [b'{"kind": "a"}', b'{"kind": "b"}', b"not json", b'{"kind": "a"}', b'{"kind": "b"}']
    records = [case.record(n, value) for n, value in enumerate(values)]
    found = case.run(records, succeed, filter_criteria=case.pattern({"kind": ["a"]}))
    assert found.delivered() == [values[0], values[3]]
    assert found.committed == records[-1].position
    assert (found.counts.filtered_out, found.counts.polled) == (3, 5)
