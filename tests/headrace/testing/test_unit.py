"""Unit tests of workers, by the kit: one batch."""

import asyncio
import time

import pytest

from headrace import Worker
from headrace.errors import NotDone, WorkerError
from headrace.testing import (
    direct_record,
    http_event,
    http_record,
    invoke,
    kafka_record,
    kinesis_record,
    run,
)
from tests.support.unit_orders import Orders, order


class Whole(Worker):
    def process_batch(self, records):
        return [len(records)] * len(records)


def test_what_is_no_worker_is_told_as_anywhere():
    class Plain:
        process = Orders.process

    class Misspelt(Worker):
        def proces(self, record): ...

    with pytest.raises(WorkerError, match="Plain is not the class of a worker"):
        run(Plain, [order(1)])
    with pytest.raises(WorkerError, match="is proces meant to be it"):
        run(Misspelt, [order(1)])


def test_each_record_has_its_result():
    assert run(Orders, [order(1), order(2)]).results == [
        {"id": 1, "ok": True},
        {"id": 2, "ok": True},
    ]


def test_a_rejected_record_has_the_dead_letter_that_would_be_written():
    result = run(Orders, [order(1), order(2, -1), "no JSON"])
    assert list(result.rejects) == [1, 2]
    letter = result.rejects[1]
    assert (letter.error, letter.errors) == ("amount is negative", ("amount",))
    assert letter.record() == result.records[1]
    assert not result.failures


def test_a_failure_holds_back_its_own_key_alone():
    keys = ["a", "a", "b"]
    result = run(
        Orders, [kafka_record({}, keys[0]), *(kafka_record(order(1), k) for k in keys[1:])]
    )
    assert isinstance(result.failures[0], KeyError)
    assert isinstance(result.failures[1], NotDone)
    assert result.results == [None, None, {"id": 1, "ok": True}]


def test_a_batch_may_run_out_of_time():
    class Slow(Worker):
        def process(self, record):
            time.sleep(0.05)

    failures = run(Slow, [1, 2, 3, 4], timeout=0.06, deadline_reserve_seconds=0.0).failures
    assert isinstance(failures[3], NotDone)
    assert 0 not in failures


def test_results_go_to_the_sink_as_they_would_travel():
    class Forwarder(Worker):
        def process(self, record):
            return record

    record = kafka_record("v", "k", headers={"a": "b"})
    (message,) = run(Forwarder, [record]).messages
    assert (message.key, message.value, message.headers[0]) == (b"k", b"v", ("a", b"b"))


def test_a_result_that_is_no_json_is_a_failure():
    class Odd(Worker):
        def process(self, record):
            return {1, 2}

    assert "type set" in str(run(Odd, ["v"]).failures[0])


def test_a_worker_of_whole_batches_gets_the_whole_batch():
    assert run(Whole, [1, 2, 3]).results == [3, 3, 3]


@pytest.mark.parametrize("concurrency", [1, 10])
def test_an_async_worker_is_as_good(concurrency):
    class Later(Orders):
        async def setup(self):
            self.ready = True

        async def process(self, record):
            await asyncio.sleep(0.01)
            assert self.ready
            return super().process(record)

    result = run(Later, [order(1), order(2, -1), {}], worker_concurrency=concurrency)
    assert result.results[0] == {"id": 1, "ok": True}
    assert result.rejects[1].error == "amount is negative"
    assert isinstance(result.failures[2], KeyError)
    assert invoke(Later, http_event(order(1)))["statusCode"] == 200


def test_records_of_any_source_are_processed():
    made = [kinesis_record(order(1), "a"), kinesis_record(order(2), "b")]
    assert len(run(Orders, made).messages) == 2


@pytest.mark.parametrize("make", [http_record, direct_record])
def test_a_request_is_answered(make):
    result = run(Orders, [make(order(1)), make(order(2, -1)), make({})])
    assert result.results[0] == {"id": 1, "ok": True}
    assert result.rejects[1].error == "amount is negative"
    assert list(result.failures) == [2]


def test_settings_come_from_the_test_and_not_from_the_environment(monkeypatch):
    monkeypatch.setenv("HEADRACE_WORKER_CONCURRENCY", "7")
    seen = []

    class Seeing(Worker):
        def process(self, record):
            seen.append((self.settings.worker_concurrency, self.settings.sink_url))

    run(Seeing, [1])
    run(Seeing, [1], worker_concurrency=3)
    assert [concurrency for concurrency, _ in seen] == [1, 3]


def test_a_wrong_setting_is_refused_by_name():
    with pytest.raises(
        TypeError, match=r"no setting 'concurrency'; there are .*worker_concurrency"
    ):
        run(Orders, [1], concurrency=3)
    with pytest.raises(TypeError, match="worker_concurrency"):
        run(Orders, [1], worker_concurrency="many")


def test_a_worker_is_set_up_once_and_closed():
    events = []

    class Careful(Worker):
        def setup(self):
            events.append("setup")

        def process(self, record):
            events.append("process")

        def close(self):
            events.append("close")
            super().close()

    run(Careful, [1, 2])
    assert events == ["setup", "process", "process", "close"]


def test_a_worker_that_the_test_made_is_used_as_it_is():
    class Counting(Worker):
        total = 0

        def process(self, record):
            self.total += record.json()

    worker = Counting()
    run(worker, [1, 2])
    run(worker, [3])
    assert worker.total == 6
