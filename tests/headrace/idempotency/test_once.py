"""A worker whose `process` is @once: one attempt at a time, and the first answer for all."""

import itertools
import threading
import time
from typing import ClassVar

import msgspec
import pytest

from headrace import Reject, Reply, Worker, once
from headrace.errors import NotDone, SettingsError, WorkerError
from headrace.idempotency import payload_digest
from headrace.idempotency.batch import LeaseLost
from headrace.idempotency.store import open_store
from headrace.testing import http_event, invoke, kafka_record, run
from headrace.worker import WorkerSettings
from headrace.worker_host import WorkerHost


class Payments(Worker):
    """Counts what it does, which is the effect."""

    effects: ClassVar = []

    def setup(self):
        type(self).effects = []

    @once(key="payment.id")
    def process(self, record):
        value = record.json()["payment"]
        if value.get("reject"):
            raise Reject("no")
        if value.get("fail"):
            raise OSError("not now")
        self.effects.append(value["id"])
        return {"paid": value["id"], "as": len(self.effects)}


def payment(number, **more):
    return {"payment": {"id": number, **more}}


@pytest.fixture
def url(tmp_path):
    return f"sqlite:{tmp_path}/once.db"


def test_the_answer_of_the_first_is_given_again(url):
    first = run(Payments, [payment(1), payment(2)], once_store=url)
    again = run(Payments, [payment(2), payment(3), payment(1)], once_store=url)

    assert first.results == [{"paid": 1, "as": 1}, {"paid": 2, "as": 2}]
    assert again.results == [{"paid": 2, "as": 2}, {"paid": 3, "as": 1}, {"paid": 1, "as": 1}]
    assert Payments.effects == [3]
    assert again.messages[0].value == b'{"paid":2,"as":2}'


def test_on_every_store_a_crash_frees_the_key_when_its_lease_ends(kept):
    kept.store.claim({"Payments#7": "of a process that is gone"}, "gone", 60.0)

    busy = run(Payments, [payment(7), payment(8)], once_store=kept.url)
    kept.end_leases()
    free = run(Payments, [payment(7), payment(8)], once_store=kept.url)

    assert isinstance(busy.failures[0], NotDone)
    assert busy.results == [None, {"paid": 8, "as": 1}]
    assert free.results == [{"paid": 7, "as": 1}, {"paid": 8, "as": 1}]


def test_a_key_that_comes_twice_in_a_batch_is_processed_once(url):
    found = run(Payments, [payment(1), payment(1), payment(2), payment(1)], once_store=url)

    assert [result["paid"] for result in found.results] == [1, 1, 2, 1]
    assert Payments.effects == [1, 2]


def test_another_payload_under_the_same_key_is_rejected(url):
    found = run(Payments, [payment(1), payment(1, amount=2)], once_store=url)
    later = run(Payments, [payment(1, amount=3)], once_store=url)

    assert found.rejects[1].error == "its @once key was processed with another payload"
    assert later.rejects[0].error == "its @once key was processed with another payload"
    assert Payments.effects == []


def test_what_fails_or_is_rejected_is_not_remembered(url):
    found = run(Payments, [payment(1, fail=True), payment(2, reject=True)], once_store=url)
    store = open_store(url)

    assert isinstance(found.failures[0], OSError)
    assert found.rejects[1].error == "no"
    claims = store.claim({"Payments#1": "d", "Payments#2": "d"}, "next", 1.0)
    assert {claim.state for claim in claims.values()} == {"mine"}
    store.close()


@pytest.mark.parametrize("value", [{}, {"payment": 1}, {"payment": {"id": None}}, b"{"])
def test_a_record_without_a_key_is_rejected(url, value):
    (letter,) = run(Payments, [value], once_store=url).rejects.values()
    assert "payment.id" in letter.error or "JSON" in letter.error


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


def test_a_batch_costs_two_calls_of_the_store(url, monkeypatch):
    calls = []

    class Counted:
        def __init__(self, store):
            self._store = store

        def __getattr__(self, name):
            calls.append(name)
            return getattr(self._store, name)

    monkeypatch.setattr(
        "headrace.idempotency.opening.open_store", lambda url: Counted(open_store(url))
    )
    run(Payments, [payment(n) for n in range(100)], once_store=url)

    assert calls == ["claim", "complete", "close"]


def test_async_workers_and_replies_and_declared_inputs(url):
    class Order(msgspec.Struct):
        id: int

    class Async(Worker[Order]):
        @once(key=payload_digest, window=60)
        async def process(self, record):
            return Reply(b"%d" % record.data.id, "text/plain", 201)

    for _ in range(2):
        found = run(Async, [{"id": 5}, {"id": 5}, {"id": "x"}], once_store=url)
        assert found.results[:2] == [Reply(b"5", "text/plain", 201)] * 2
        assert list(found.rejects) == [2]


def test_a_caller_gets_the_remembered_answer(url):
    for _ in range(2):
        answer = invoke(Payments, http_event(payment(9)), once_store=url)
        assert (answer["statusCode"], answer["body"]) == (200, '{"paid":9,"as":1}')


def test_a_caller_whose_key_is_in_work_is_told_to_ask_again(url):
    store = open_store(url)
    store.claim({"Payments#9": "d"}, "other", 60.0)
    store.close()

    answer = invoke(Payments, http_event(payment(9)), once_store=url)

    assert answer["statusCode"] == 409
    assert "try again" in answer["body"]


def test_a_record_that_comes_again_is_known_by_its_position(url):
    class Plain(Worker):
        @once()
        def process(self, record):
            return record.text()

    assert run(Plain, [kafka_record("a", offset=3)], once_store=url).results == ["a"]
    assert run(Plain, [kafka_record("a", offset=3)], once_store=url).results == ["a"]
    assert run(Plain, [kafka_record("b", offset=4)], once_store=url).results == ["b"]


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


def test_mistakes_are_told_before_any_record(url):
    class Batches(Payments):
        def process_batch(self, records):
            return [1] * len(records)

    with pytest.raises(SettingsError, match="HEADRACE_ONCE_STORE is not set"):
        run(Payments, [payment(1)])
    with pytest.raises(WorkerError, match="process_batch is called instead"):
        run(Batches, [payment(1)], once_store=url)
    with pytest.raises(WorkerError, match="not for handle"):

        @once()
        def handle(record): ...

    with pytest.raises(WorkerError, match="window=0"):
        once(window=0)
    with pytest.raises(WorkerError, match="no path"):
        once(key="a..b")
