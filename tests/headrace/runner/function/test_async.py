"""An async worker runs wherever a worker does: no record is committed that was not processed."""

import asyncio
import json
import time

import pytest

from headrace import Worker, lambda_handler
from headrace.runner.function.open import open_invoker
from headrace.runner.protocol.events import kafka_event
from headrace.runner.settings import MappingSettings
from headrace.testing import StreamRun
from headrace.worker import WorkerSettings
from tests.support import hosted
from tests.support.runner import kafka_record
from tests.support.serving import RunningServer


class Doubling(Worker):
    async def process(self, record):
        await asyncio.sleep(0)
        if record.json() == 13:
            raise OSError("the bank is closed")
        return record.json() * 2


def opened(**settings):
    handler = hosted.patient.with_settings(WorkerSettings(worker_concurrency=100))
    chosen = MappingSettings(**settings)
    return open_invoker(handler, lambda batch: kafka_event(batch, "h:1"), chosen)


def records(*seconds):
    return [kafka_record(n, str(wait).encode(), b"%d" % n) for n, wait in enumerate(seconds)]


def test_in_a_runner_everything_is_processed_and_committed():
    run = StreamRun(Doubling)
    run.produce(range(10), key=str)

    assert run.run()
    assert run.results == [2 * n for n in range(10)]
    assert run.committed == {0: 10}


def test_in_a_runner_what_fails_is_a_dead_letter_in_the_end_and_its_position_waits_for_that():
    run = StreamRun(Doubling, maximum_retry_attempts=2)
    run.produce([12, 13, 14], key=str)

    assert run.run()
    assert run.results == [24, 28]
    assert [letter.error for letter in run.dead_letters] == ["OSError: the bank is closed"]
    assert run.committed == {0: 3}


@pytest.mark.parametrize("timeout", [None, 30])
@pytest.mark.parametrize("invoke", ["records", "event"])
def test_in_this_process_and_in_a_child_keys_wait_at_once(timeout, invoke):
    call = opened(function_timeout_seconds=timeout, invoke=invoke, report_batch_item_failures=True)
    begun = time.monotonic()

    assert not call(records(*[0.2] * 50)).failures
    assert time.monotonic() - begun < 3
    call.close() if timeout else hosted.patient.close()


def test_in_a_child_what_is_in_work_at_the_deadline_is_cancelled_and_has_failed():
    call = opened(function_timeout_seconds=1.5)

    outcomes = call(records(0, 60, 0))

    assert [type(error).__name__ for error in outcomes.failures.values()] == ["OutOfTime"]
    assert list(outcomes.failures) == [1]
    assert not call(records(0)).failures  # its process lives on
    call.close()


def test_behind_http_a_request_is_answered():
    server = RunningServer()
    server.open(lambda_handler(Doubling))

    assert [json.loads(server.ask(body=b"%d" % n)[2]) for n in (1, 2)] == [2, 4]
    assert server.ask(body=b"13")[0] == 500
    assert server.drain(5)
