"""Failures are isolated, keys keep their order, and the response names what is not done."""

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace import Worker
from headrace.errors import NotDone, Reject, summary_of
from headrace.processing import isolation as batch
from headrace.record import KafkaPosition, Record
from headrace.sources.kafka import Kafka
from headrace.sources.kinesis import Kinesis
from headrace.worker import WorkerSettings
from headrace.worker_host import WorkerHost
from tests.support.batches import Scripted, kafka_batches, kinesis_batches


def expected_failures(scripted_batch):
    """By the rule: a failure holds back what follows with its key."""
    failed, keys = [], set()
    for record, fate in scripted_batch:
        if fate == "fail" or (record.key is not None and record.key in keys):
            failed.append(record)
            keys.add(record.key)
    return failed


def acknowledge(record, error):
    """A dead-letter sink that takes everything."""


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


def records(*keys):
    return [Record("kafka", KafkaPosition("t", 0, i), b"", key) for i, key in enumerate(keys)]


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


def test_one_record_that_breaks_a_whole_batch_does_not_take_the_others_with_it():
    def process_batch(batch_records):
        if any(record.key == b"bad" for record in batch_records):
            raise MemoryError
        return [record.position.offset for record in batch_records]

    outcomes = batch.run_whole(process_batch, records(b"a", b"bad", b"c"), acknowledge)
    assert outcomes.results == [0, None, 2]
    assert list(outcomes.failures) == [1]


def test_no_whole_batch_is_begun_after_the_deadline():
    calls = []

    def process_batch(batch_records):
        calls.append(batch_records)
        time.sleep(0.03)
        raise MemoryError

    deadline = time.monotonic() + 0.05
    outcomes = batch.run_whole(process_batch, records(*[None] * 50), acknowledge, deadline=deadline)
    assert 1 <= len(calls) < 51
    assert sorted(outcomes.failures) == list(range(50))
    assert isinstance(outcomes.failures[49], NotDone)


def test_a_batch_cannot_be_sorted_so_that_a_failure_is_taken_for_that_of_another_record():
    def process_batch(batch_records):
        batch_records.sort(key=lambda record: record.key)
        return [ValueError() if record.key == b"a" else 1 for record in batch_records]

    outcomes = batch.run_whole(process_batch, records(b"b", b"a"), acknowledge)
    assert list(outcomes.failures) == [0, 1]
    assert "sort" in str(outcomes.failures[0])


@pytest.mark.parametrize("answer", [{"a": 1, "b": 2}, {1, 2}, "ab", b"ab"])
def test_what_is_no_list_of_results_is_not_taken_for_one(answer):
    outcomes = batch.run_whole(lambda _: answer, records(b"a", b"b"), acknowledge)
    assert list(outcomes.failures) == [0, 1]
    assert f"returned a {type(answer).__name__}" in str(outcomes.failures[0])


def test_a_batch_worker_must_answer_for_every_record():
    outcomes = batch.run_whole(lambda _: [1], records(b"a", b"b"), acknowledge)
    assert all("1 results for 2 records" in str(e) for e in outcomes.failures.values())


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


def test_what_is_held_back_behind_a_failure_gets_no_dead_letter_yet():
    letters = []
    results = [ValueError("no"), Reject("never"), Reject("of another key")]

    outcomes = batch.run_whole(
        lambda _: results, records(b"a", b"a", b"b"), lambda record, _: letters.append(record.key)
    )

    assert letters == [b"b"]
    assert [type(outcomes.failures[i]) for i in (0, 1)] == [ValueError, NotDone]


class Unspeakable(Exception):
    """An error of a user's that cannot even be shown."""

    def __str__(self):
        raise SystemExit(0)


# As libraries that are written in Rust raise it where a record makes them panic.
PanicException = type("PanicException", (BaseException,), {"__module__": "pyo3_runtime"})

ENDINGS = [
    SystemExit(0),
    KeyboardInterrupt(),  # on a handler's thread it is no person's
    GeneratorExit(),
    asyncio.CancelledError(),
    BaseExceptionGroup("several", [SystemExit(1), ValueError()]),
    PanicException("index out of bounds"),
    Unspeakable(),
]


@pytest.mark.parametrize("method", ["process", "process_batch"])
@pytest.mark.parametrize("style", ["plain", "async"])
@pytest.mark.parametrize("error", ENDINGS, ids=lambda error: type(error).__name__)
def test_what_would_end_the_process_fails_its_own_record_alone(error, style, method):
    def process(self, record):
        if record.key == b"1":
            raise error
        return record.key.decode()

    def process_batch(self, records):
        return [process(self, record) for record in records]

    act = {"process": process, "process_batch": process_batch}[method]

    async def act_async(self, given):
        return act(self, given)

    kind = type("Made", (Worker,), {method: act if style == "plain" else act_async})
    records = [Record("kafka", KafkaPosition("t", 0, i), b"", b"%d" % i) for i in range(3)]
    host = WorkerHost(kind(settings=WorkerSettings()))

    with ThreadPoolExecutor(1) as thread:  # as the runner and the server have them
        outcomes = thread.submit(host.run, records).result()
    host.close()

    assert list(outcomes.failures) == [1]
    assert [outcomes.results[0], outcomes.results[2]] == ["0", "2"]
    assert summary_of(outcomes.failures[1]).endswith(summary_of(error))


def test_ctrl_c_ends_a_batch_on_the_main_thread():
    def process(record):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        batch.run(process, [Record("kafka", KafkaPosition("t", 0, 0), b"")], acknowledge)
