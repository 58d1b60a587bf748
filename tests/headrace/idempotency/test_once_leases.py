"""A worker whose `process` is @once makes one attempt at a key at a time."""

import itertools
import threading
import time

from headrace import Worker, once
from headrace.errors import NotDone
from headrace.idempotency.batch import LateClaim, LeaseLost
from headrace.idempotency.store import open_store
from headrace.idempotency.stores.sqlite import SqliteStore
from headrace.testing import http_event, invoke, kafka_record, run
from headrace.worker import WorkerSettings
from headrace.worker_host import WorkerHost
from tests.support.workers.payments import Payments, payment


def test_on_every_store_a_crash_frees_the_key_when_its_lease_ends(kept):
    kept.store.claim({"Payments#7": "of a process that is gone"}, "gone", 60.0)

    busy = run(Payments, [payment(7), payment(8)], once_store=kept.url)
    kept.end_leases()
    free = run(Payments, [payment(7), payment(8)], once_store=kept.url)

    assert isinstance(busy.failures[0], NotDone)
    assert busy.results == [None, {"paid": 8, "as": 1}]
    assert free.results == [{"paid": 7, "as": 1}, {"paid": 8, "as": 1}]


def test_a_busy_key_holds_back_the_later_records_of_its_stream_key_alone(url):
    store = open_store(url)
    store.claim({"Payments#1": "d"}, "other", 60.0)
    records = [
        kafka_record(payment(number), key, offset=offset)
        for offset, (number, key) in enumerate([(1, "a"), (2, "a"), (3, "b")])
    ]

    found = run(Payments, records, once_store=url)

    assert list(found.failures) == [0, 1]
    assert found.results[2] == {"paid": 3, "as": 1}
    assert store.claim({"Payments#2": "d"}, "other", 60.0)["Payments#2"].state == "mine"
    store.close()


def test_a_result_that_comes_after_its_lease_was_taken_counts_as_failed(url):
    class Late(Worker):
        @once(key="payment.id")
        def process(self, record):
            # As if this process had been stopped for longer than its lease.
            store = open_store(url)
            store._connection.execute("UPDATE headrace_once SET lease_until = 0")
            store.claim({"Late#1": "d"}, "other", 60.0)
            store.close()
            return "late"

    found = run(Late, [payment(1)], once_store=url)

    assert isinstance(found.failures[0], LeaseLost)
    assert not found.messages


def test_leases_are_extended_while_the_worker_runs(url):
    claims = []

    class Slow(Worker):
        @once(key="payment.id")
        def process(self, record):
            store = open_store(url)
            deadline = time.monotonic() + 1.5
            while time.monotonic() < deadline:
                claims.append(store.claim({"Slow#1": "d"}, "other", 60.0)["Slow#1"].state)
                time.sleep(0.05)
            store.close()
            return "done"

    found = run(Slow, [payment(1)], once_store=url, once_lease_seconds=0.6)

    assert found.results == ["done"]
    assert set(claims) == {"busy"}


def test_two_processes_at_once_do_it_once(url):
    """Eight threads, each with a worker and a store of its own, and the same fifty records."""
    done = itertools.count()
    effects = []

    class Busy(Worker):
        @once(key="payment.id")
        def process(self, record):
            effects.append(record.json()["payment"]["id"])
            time.sleep(0.001)
            return next(done)

    records = [kafka_record(payment(n), offset=n) for n in range(50)]
    answers = []

    def process_all():
        host = WorkerHost.open(Busy, WorkerSettings(once_store=url))
        while (outcomes := host.run(records)).failures:
            time.sleep(0.01)
        answers.append(list(outcomes.results))
        host.close()

    threads = [threading.Thread(target=process_all) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert sorted(effects) == list(range(50))
    assert answers == [answers[0]] * 8


def test_a_caller_whose_key_is_in_work_is_told_to_ask_again(url):
    store = open_store(url)
    store.claim({"Payments#9": "d"}, "other", 60.0)
    store.close()

    answer = invoke(Payments, http_event(payment(9)), once_store=url)

    assert answer["statusCode"] == 409
    assert "try again" in answer["body"]


def test_a_store_that_is_away_fails_the_batch_and_nothing_is_processed(url, monkeypatch):
    def away(*_):
        raise OSError("away")

    monkeypatch.setattr("headrace.idempotency.stores.sqlite.SqliteStore.claim", away)
    found = run(Payments, [payment(1), payment(2)], once_store=url)

    assert [str(error) for error in found.failures.values()] == ["away", "away"]
    assert Payments.effects == []


def test_an_answer_that_cannot_be_remembered_fails_its_record(url, monkeypatch):
    def away(*_):
        raise OSError("away")

    monkeypatch.setattr("headrace.idempotency.batch._WAITS", (0.0, 0.0))
    monkeypatch.setattr("headrace.idempotency.stores.sqlite.SqliteStore.complete", away)
    found = run(Payments, [payment(1)], once_store=url)

    assert str(found.failures[0]) == "away"
    assert not found.messages


def slow_answers(monkeypatch, *seconds):
    """Have the answers to the next claims be so long on their way."""
    claim, left = SqliteStore.claim, list(seconds)

    def late(self, *arguments):
        found = claim(self, *arguments)
        time.sleep(left.pop(0) if left else 0)
        return found

    monkeypatch.setattr(SqliteStore, "claim", late)


def test_nothing_is_begun_with_a_lease_that_is_nearly_over(url, monkeypatch):
    slow_answers(monkeypatch, 1.0)
    left = []

    class Patient(Worker):
        @once(key="payment.id")
        def process(self, record):
            store = open_store(url)
            found = store._connection.execute("SELECT lease_until FROM headrace_once").fetchone()
            left.append(found[0] - time.time())
            store.close()

    found = run(Patient, [payment(1)], once_store=url, once_lease_seconds=2.0)

    assert not found.failures
    assert left[0] > 2.0 / 2


def test_a_store_that_is_always_slow_has_nothing_begun_and_the_keys_free(url, monkeypatch):
    slow_answers(monkeypatch, 0.1, 0.1, 0.1)

    found = run(Payments, [payment(1)], once_store=url, once_lease_seconds=0.15)
    again = run(Payments, [payment(1)], once_store=url)

    assert isinstance(found.failures[0], LateClaim)
    assert "too long for leases of 0.15 s" in str(found.failures[0])
    assert again.results == [{"paid": 1, "as": 1}]


def test_an_answer_that_is_there_needs_no_lease_however_slow_the_store_is(url, monkeypatch):
    first = run(Payments, [payment(1)], once_store=url)
    slow_answers(monkeypatch, 0.1, 0.1, 0.1)

    again = run(Payments, [payment(1)], once_store=url, once_lease_seconds=0.15)

    assert again.results == first.results
