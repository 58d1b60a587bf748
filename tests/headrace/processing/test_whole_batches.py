"""A worker that gets whole batches: one failure is isolated, and each record has its answer."""

import time

import pytest

from headrace.errors import NotDone, Reject
from headrace.processing import isolation as batch
from tests.support.batches import acknowledge, records


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


def test_what_is_held_back_behind_a_failure_gets_no_dead_letter_yet():
    letters = []
    results = [ValueError("no"), Reject("never"), Reject("of another key")]

    outcomes = batch.run_whole(
        lambda _: results, records(b"a", b"a", b"b"), lambda record, _: letters.append(record.key)
    )

    assert letters == [b"b"]
    assert [type(outcomes.failures[i]) for i in (0, 1)] == [ValueError, NotDone]
