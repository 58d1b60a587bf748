"""Functions elsewhere: behind the runtime interface, and in AWS Lambda."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from headrace import Reject, Worker, lambda_handler
from headrace.errors import NotDone, SettingsError
from headrace.runner.function.open import open_invoker
from headrace.runner.protocol.events import event_of, kafka_event, kinesis_event
from headrace.runner.protocol.response import ReportedFailure
from headrace.runner.settings import MappingSettings
from headrace.runner.windows.open import open_windows
from tests.support.delivery import ListPoller
from tests.support.function.lambda_api import Emulator
from tests.support.function.records import RECORDS
from tests.support.runner import kinesis_record


def test_the_function_gets_the_event_and_success_is_complete(serve):
    api, invoke = serve(lambda event, context: {})
    assert not invoke(RECORDS).failures
    assert api.events == [kafka_event(RECORDS, "h:1")]


def test_each_batch_that_may_be_in_work_at_once_has_a_connection_that_stays(serve):
    """GIVEN three batches of one partition at once, THEN no connection is made for one alone."""
    together = threading.Barrier(3)
    api, invoke = serve(lambda event, context: together.wait(20) and {}, parallelization_factor=3)
    for _ in range(4):
        with ThreadPoolExecutor(3) as threads:
            assert all(not done.failures for done in threads.map(invoke, [RECORDS] * 3))
    assert api.connections == 3


def test_one_connection_serves_many_batches(serve):
    api, invoke = serve(lambda event, context: None)
    for _ in range(20):
        assert not invoke(RECORDS).failures
    assert api.connections == 1


def test_a_partial_response_names_the_failures(serve):
    item = {"itemIdentifier": {"partition": "orders-0", "offset": 3}}
    _, invoke = serve(
        lambda event, context: {"batchItemFailures": [item]}, report_batch_item_failures=True
    )
    failures = invoke(RECORDS).failures
    assert failures.keys() == {3, 4}
    assert isinstance(failures[3], ReportedFailure)
    assert isinstance(failures[4], NotDone)


def test_a_partial_response_that_nobody_asked_for_is_success(serve):
    item = {"itemIdentifier": {"partition": "orders-0", "offset": 3}}
    _, invoke = serve(lambda event, context: {"batchItemFailures": [item]})
    assert not invoke(RECORDS).failures


class Picky(Worker):
    def process(self, record) -> None:
        if record.value == b"2":
            raise Reject("never")


def test_a_worker_behind_http_answers_as_it_does_in_process(serve, monkeypatch):
    monkeypatch.setenv("HEADRACE_REPORT_BATCH_ITEM_FAILURES", "true")
    handler = lambda_handler(Picky)
    _, invoke = serve(handler, report_batch_item_failures=True)
    assert invoke(RECORDS).failures.keys() == handler.run(RECORDS).failures.keys() == {2, 3, 4}


def test_kinesis_events_travel_as_well(monkeypatch):
    records = [kinesis_record(str(number)) for number in (9, 10, 11)]
    with Emulator(lambda e, c: {"batchItemFailures": [{"itemIdentifier": "10"}]}) as api:
        arn = "arn:aws:kinesis:eu-west-1:1:stream/clicks"
        settings = MappingSettings(function=api.url, report_batch_item_failures=True)
        invoke = open_invoker(None, lambda batch: kinesis_event(batch, arn), settings)
        assert invoke(records).failures.keys() == {1, 2}
        assert api.events == [kinesis_event(records, arn)]
        invoke.close()


def test_the_state_of_a_window_travels():
    """GIVEN a window of five minutes, WHEN two batches of it come, THEN the second has a state."""
    with Emulator(lambda event, context: {"state": {"seen": len(event["Records"])}}) as api:
        settings = MappingSettings(function=api.url, tumbling_window_in_seconds=300)
        arn = "arn:aws:kinesis:eu-west-1:1:stream/clicks"
        invoke, _ = open_windows(
            None, ListPoller([]), lambda batch: kinesis_event(batch, arn), settings, "kinesis"
        )
        for number in ("9", "10"):
            assert not invoke([kinesis_record(number)]).failures
        assert [event["state"] for event in api.events] == [{}, {"seen": 1}]
        invoke.close()


def test_windows_are_not_for_workers_that_take_records():
    settings = MappingSettings(tumbling_window_in_seconds=300)
    with pytest.raises(SettingsError, match="HEADRACE_TUMBLING_WINDOW_IN_SECONDS"):
        open_windows(lambda_handler(Picky), ListPoller([]), event_of, settings, "kinesis")
