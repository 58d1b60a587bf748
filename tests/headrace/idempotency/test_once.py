"""A worker whose `process` is @once gives the first answer to all who come later."""

import math

import msgspec
import pytest

from headrace import Reply, Worker, once
from headrace.errors import SettingsError, WorkerError
from headrace.idempotency import payload_digest
from headrace.idempotency.store import open_store
from headrace.testing import http_event, invoke, run
from tests.support.workers.payments import Payments, payment


def test_the_answer_of_the_first_is_given_again(url):
    first = run(Payments, [payment(1), payment(2)], once_store=url)
    again = run(Payments, [payment(2), payment(3), payment(1)], once_store=url)

    assert first.results == [{"paid": 1, "as": 1}, {"paid": 2, "as": 2}]
    assert again.results == [{"paid": 2, "as": 2}, {"paid": 3, "as": 1}, {"paid": 1, "as": 1}]
    assert Payments.effects == [3]
    assert again.messages[0].value == b'{"paid":2,"as":2}'


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


def test_an_answer_that_the_store_cannot_hold_fails_its_record_alone(url, monkeypatch):
    monkeypatch.setattr("headrace.idempotency.stores.sqlite.SqliteStore.most_bytes", 30)
    payments = [payment(1), payment("x" * 30), payment(2)]
    first = run(Payments, payments, once_store=url)
    again = run(Payments, payments, once_store=url)

    assert [*first.failures] == [*again.failures] == [1]
    assert "the result cannot be remembered for @once: it has" in str(first.failures[1])
    assert Payments.effects == ["x" * 30]


def test_a_batch_costs_two_calls_of_the_store(url, monkeypatch):
    calls = []

    class Counted:
        def __init__(self, store):
            self._store = store

        def __getattr__(self, name):
            found = getattr(self._store, name)
            if callable(found):
                calls.append(name)
            return found

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


@pytest.mark.parametrize(
    "value", [{"headrace.Reply": {"body": "PA=="}}, {"headrace.Record": 5}, {"headrace.value": 1}]
)
def test_a_value_that_looks_like_a_remembered_reply_stays_a_value(url, value):
    class Echo(Worker):
        @once(key=payload_digest)
        def process(self, record):
            return record.json()

    for _ in range(2):
        assert run(Echo, [value], once_store=url).results == [value]


def test_an_answer_that_something_else_has_written_fails_its_record_alone(url):
    first = run(Payments, [payment(1)], once_store=url)
    store = open_store(url)
    store.claim({"Payments#2": ""}, "another", 60)
    store.complete({"Payments#2": "no JSON"}, "another", 60)
    store.close()
    found = run(Payments, [payment(2), payment(1)], once_store=url)

    assert list(found.failures) == [0]
    assert found.results[1] == first.results[0]


def test_a_caller_gets_the_remembered_answer(url):
    for _ in range(2):
        answer = invoke(Payments, http_event(payment(9)), once_store=url)
        assert (answer["statusCode"], answer["body"]) == (200, '{"paid":9,"as":1}')


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
    for window in ("1 h", math.nan, math.inf, 1e300, 10**400):
        with pytest.raises(WorkerError, match=r"window=.* is not a positive number of seconds"):
            once(window=window)
    with pytest.raises(WorkerError, match="key=None"):
        once(key=None)
    with pytest.raises(WorkerError, match="no path"):
        once(key="a..b")
