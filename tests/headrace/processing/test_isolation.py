"""Failures are isolated, keys keep their order, and the response names what is not done."""

import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.errors import NotDone, Reject
from headrace.processing import isolation as batch
from headrace.sources.kafka import Kafka
from headrace.sources.kinesis import Kinesis
from tests.support.batches import Scripted, acknowledge, kafka_batches, kinesis_batches, records


def expected_failures(scripted_batch):
    """By the rule: a failure holds back what follows with its key."""
    failed, keys = [], set()
    for record, fate in scripted_batch:
        if fate == "fail" or (record.key is not None and record.key in keys):
            failed.append(record)
            keys.add(record.key)
    return failed


def run_each(scripted, records):
    return batch.run(scripted.process, records, acknowledge)


def run_concurrently(scripted, records):
    return batch.run(scripted.process, records, acknowledge, concurrency=3)


def run_whole(scripted, records):
    return batch.run_whole(scripted.process_batch, records, acknowledge)


@pytest.mark.parametrize("run", [run_each, run_concurrently, run_whole])
@given(scripted_batch=kafka_batches())
def test_kafka_resumes_each_partition_at_its_lowest_record_not_done(run, scripted_batch):
    scripted = Scripted(scripted_batch)
    outcomes = run(scripted, [record for record, _ in scripted_batch])
    lowest = {}
    for record in expected_failures(scripted_batch):
        partition = f"orders-{record.position.partition}"
        lowest.setdefault(partition, record.position.offset)
    identifiers = [f["itemIdentifier"] for f in Kafka().respond(outcomes)["batchItemFailures"]]
    assert {i["partition"]: i["offset"] for i in identifiers} == lowest
    assert len(identifiers) == len(lowest)


@pytest.mark.parametrize("run", [run_each, run_concurrently, run_whole])
@given(scripted_batch=kinesis_batches())
def test_kinesis_resumes_at_the_lowest_sequence_number_not_done(run, scripted_batch):
    scripted = Scripted(scripted_batch)
    outcomes = run(scripted, [record for record, _ in scripted_batch])
    numbers = [int(r.position.sequence_number) for r in expected_failures(scripted_batch)]
    expected = [{"itemIdentifier": str(min(numbers))}] if numbers else []
    assert Kinesis().respond(outcomes) == {"batchItemFailures": expected}


@pytest.mark.parametrize("run", [run_each, run_concurrently])
@given(scripted_batch=kafka_batches())
def test_nothing_is_processed_after_a_failure_of_its_key(run, scripted_batch):
    scripted = Scripted(scripted_batch)
    outcomes = run(scripted, [record for record, _ in scripted_batch])
    for key in {record.key for record in scripted.seen} - {None}:
        of_key = [record for record in scripted.seen if record.key == key]
        in_order = [record for record, _ in scripted_batch if record.key == key]
        assert of_key == in_order[: len(of_key)]
        assert all(scripted.fates[record.id] != "fail" for record in of_key[:-1])
    assert list(outcomes.not_done()) == expected_failures(scripted_batch)


@given(scripted_batch=kafka_batches())
def test_every_record_has_exactly_one_outcome(scripted_batch):
    scripted = Scripted(scripted_batch)
    outcomes = run_each(scripted, [record for record, _ in scripted_batch])
    for index, (record, fate) in enumerate(scripted_batch):
        done = outcomes.results[index] == record.id
        fates = [done, index in outcomes.rejected, index in outcomes.failures]
        assert fates.count(True) == 1
        if index in outcomes.rejected:
            assert fate == "reject"


def test_a_reject_without_acknowledgement_is_a_failure_of_its_key():
    def reject(record):
        raise Reject("never")

    def unreachable(record, error):
        raise ConnectionError("dead-letter sink is down")

    outcomes = batch.run(reject, records(b"a", b"a", b"b"), unreachable)
    assert [type(outcomes.failures[i]) for i in range(3)] == [
        ConnectionError,
        NotDone,
        ConnectionError,
    ]
    assert not outcomes.rejected


def test_the_batch_ends_early_when_time_is_short():
    seen = []
    deadline = time.monotonic() + 0.05

    def process(record):
        seen.append(record)
        time.sleep(0.03)

    outcomes = batch.run(process, records(*[None] * 50), lambda *_: None, deadline=deadline)
    assert 1 <= len(seen) < 50
    assert sorted(outcomes.failures) == list(range(len(seen), 50))
    assert outcomes.errors() == []  # nobody need be alarmed: they were not attempted


@given(keys=st.lists(st.sampled_from([b"a", b"b", b"c", b"d"]), min_size=2, max_size=40))
def test_keys_run_side_by_side_within_the_bound(keys):
    lock, running, most = threading.Lock(), set(), 0

    def process(record):
        nonlocal most
        with lock:
            assert record.key not in running
            running.add(record.key)
            most = max(most, len(running))
        time.sleep(0.0001)
        with lock:
            running.discard(record.key)

    outcomes = batch.run(process, records(*keys), acknowledge, concurrency=3)
    assert not outcomes.failures
    assert most <= 3
