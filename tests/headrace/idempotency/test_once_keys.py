"""By which key a record is known: what may be one, and what is none."""

import sys

import pytest

from headrace import Worker, lambda_handler, once
from headrace.errors import WorkerError
from headrace.runner.function.context import Context
from headrace.testing import invoke, kafka_record, run
from headrace.worker import WorkerSettings
from tests.support.workers.payments import Payments, payment

ODD_KEYS = ["a\0b", "\ud800", "\ud801", "x" * 5_000, "x" * 5_001, "caf\u00e9", "sha256:", 2**70]


def test_whatever_a_key_holds_it_harms_no_other_and_is_taken_for_no_other(url):
    payments = [payment(key) for key in (1, *ODD_KEYS, 2)]
    first = run(Payments, payments, once_store=url)
    again = run(Payments, payments, once_store=url)

    assert [result["paid"] for result in first.results] == [1, *ODD_KEYS, 2]
    assert again.results == first.results
    assert Payments.effects == []


@pytest.mark.parametrize(
    ("key", "complaint"),
    [
        (lambda record: None, "None, not text"),
        (lambda record: b"k", "b'k', not text"),
        (lambda record: True, "True, not text"),
        (lambda record: "", "'', not text"),
        (lambda record: sys.exit(), "SystemExit"),
    ],
)
def test_what_is_no_key_is_shared_by_no_records(url, key, complaint):
    class Odd(Worker):
        @once(key=key)
        def process(self, record):
            return record.text()

    found = run(Odd, ["a", "b"], once_store=url)
    assert sorted(found.failures) == [0, 1]
    assert all(complaint in str(error) for error in found.failures.values())


ENDLESS = b'{"payment": {"id": 1e999}}'


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ({}, "there is no field payment.id"),
        ({"payment": 1}, "there is no field payment.id"),
        ({"payment": {"id": None}}, "payment.id is no key of @once: it is neither text nor"),
        ({"payment": {"id": ""}}, "payment.id is no key of @once: it is empty"),
        (b"{", "JSON"),
        (ENDLESS, "neither text nor a number"),
    ],
)
def test_a_record_without_a_key_is_rejected(url, value, complaint):
    (letter,) = run(Payments, [value], once_store=url).rejects.values()
    assert complaint in letter.error


def test_a_record_that_comes_again_is_known_by_its_position(url):
    class Plain(Worker):
        @once()
        def process(self, record):
            return record.text()

    assert run(Plain, [kafka_record("a", offset=3)], once_store=url).results == ["a"]
    assert run(Plain, [kafka_record("a", offset=3)], once_store=url).results == ["a"]
    assert run(Plain, [kafka_record("b", offset=4)], once_store=url).results == ["b"]


def test_direct_calls_are_told_apart_by_their_invocations(url):
    """Every call but the first was refused, or had the first one's answer."""

    class Calls(Worker):
        @once()
        def process(self, record):
            effects.append(record.id)
            return record.json()

    effects = []
    assert [invoke(Calls, {"id": n}, once_store=url) for n in (1, 2)] == [{"id": 1}, {"id": 2}]
    handler = lambda_handler(Calls).with_settings(WorkerSettings(once_store=url))
    context = Context("calls", float("inf"))
    context.get_remaining_time_in_millis = lambda: 1000
    for _ in range(2):  # as the service tries an asynchronous invocation again
        assert handler({"id": 3}, context) == {"id": 3}
    assert effects[2:] == [context.aws_request_id]
    with pytest.raises(WorkerError, match="a call without a context has no name of its own"):
        handler({"id": 4})
    handler.close()
