"""Async workers that answer in Lambda, and what becomes of their rejects."""

import asyncio

import pytest

from headrace import Reject, Worker, lambda_handler
from headrace.testing import http_event, kafka_event, run
from tests.support.batches import host_of


class Asking(Worker):
    async def process(self, record):
        await asyncio.sleep(0)
        match record.text():
            case "reject":
                raise Reject("never")
            case "fail":
                raise ValueError("no")
        return {"said": record.text()}


def test_it_works_in_lambda(monkeypatch):
    monkeypatch.setenv("HEADRACE_REPORT_BATCH_ITEM_FAILURES", "true")
    handler = lambda_handler(Asking)

    answer = handler(kafka_event(["a", "fail", "b"]))
    assert answer["batchItemFailures"][0]["itemIdentifier"]["offset"] == 1
    assert handler(http_event("x"))["body"] == '{"said":"x"}'
    assert handler(http_event("reject"))["statusCode"] == 400
    assert handler(http_event("fail"))["statusCode"] == 500
    handler.close()


def test_a_rejected_record_is_done_once_its_letter_is_acknowledged():
    done = run(Asking, ["reject", "a"])

    assert [letter.error for letter in done.rejects.values()] == ["never"]
    assert done.failures == {}


class Checking(Worker):
    """Looks at a record with several tasks at once."""

    async def process(self, record):
        async with asyncio.TaskGroup() as group:
            for word in record.text().split():
                group.create_task(self.check(word))

    async def check(self, word):
        if word == "bug":
            raise KeyError(word)
        raise Reject(f"no {word}", status=422, errors=[word])


class CheckingBatches(Checking):
    async def process_batch(self, records):
        return await asyncio.gather(*map(self.process, records), return_exceptions=True)


@pytest.mark.parametrize("worker", [Checking, CheckingBatches])
def test_a_group_of_nothing_but_rejects_is_a_reject(worker):
    done = run(worker, ["stock", "stock price", "stock bug"])

    assert {n: letter.error for n, letter in done.rejects.items()} == {
        0: "no stock",
        1: "no stock; no price",
    }
    assert list(done.rejects[1].errors) == ["stock", "price"]
    assert {n: type(error) for n, error in done.failures.items()} == {2: ExceptionGroup}


def test_a_caller_hears_of_a_group_of_rejects():
    handler = lambda_handler(Checking)
    assert handler(http_event("stock price"))["statusCode"] == 422
    handler.close()


def test_nothing_comes_of_an_empty_batch():
    host = host_of(Asking.process)
    assert host.run([]).results == []

    host.close()
