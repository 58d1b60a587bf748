"""Functions elsewhere: behind the runtime interface, and in AWS Lambda."""

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from headrace import Reject, Worker, lambda_handler
from headrace.errors import NotDone, SettingsError
from headrace.runner.function.errors import (
    FunctionError,
    FunctionExited,
    FunctionTimeout,
    Throttled,
)
from headrace.runner.function.http import HttpFunction
from headrace.runner.function.open import open_invoker
from headrace.runner.protocol.events import event_of, kafka_event, kinesis_event
from headrace.runner.protocol.response import BadResponse, ReportedFailure
from headrace.runner.settings import MappingSettings
from headrace.runner.windows.open import open_windows
from tests.support.delivery import ListPoller
from tests.support.function.lambda_api import ARN, NAME, Emulator, HangUp, Service
from tests.support.runner import kafka_record, kinesis_record

RECORDS = [kafka_record(offset, b"%d" % offset, b"k", timestamp=1) for offset in range(5)]


@pytest.fixture(params=[Emulator, Service])
def serve(request, monkeypatch):
    """Serves a function one of both ways, and opens an invoker of it."""
    opened = []

    def start(function, **settings):
        api = request.param(function)
        api.__enter__()
        opened.append(api.__exit__)
        where = api.url
        if isinstance(api, Service):
            where = NAME
            for name, value in api.environment().items():
                monkeypatch.setenv(name, value)
        chosen = MappingSettings(function=where, **settings)
        invoke = open_invoker(None, lambda records: kafka_event(records, "h:1"), chosen)
        opened.append(invoke.close)
        return api, invoke

    yield start
    for end in reversed(opened):
        end()


@pytest.fixture
def service(monkeypatch):
    with Service(lambda event, context: None) as api:
        for name, value in api.environment().items():
            monkeypatch.setenv(name, value)
        yield api


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


def test_what_the_function_raises_fails_the_batch_under_its_own_name(serve):
    def function(event, context):
        raise ZeroDivisionError("by nought")

    _, invoke = serve(function)
    with pytest.raises(FunctionError, match="by nought") as caught:
        invoke(RECORDS)
    assert repr(caught.value) == "ZeroDivisionError('by nought')"


def test_a_busy_function_is_not_a_failed_one(serve):
    api, invoke = serve(lambda event, context: None)
    api.throttles = 2
    for _ in range(2):
        with pytest.raises(Throttled):
            invoke(RECORDS)
    assert not invoke(RECORDS).failures
    assert len(api.events) == 1


@pytest.mark.parametrize("by_url", [True, False])
def test_a_function_out_of_reach_was_not_invoked(by_url, service, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as unused:
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", url)
    settings = MappingSettings(function=url if by_url else NAME)
    invoke = open_invoker(None, lambda records: {}, settings)
    with pytest.raises(Throttled):
        invoke(RECORDS)
    invoke.close()


def test_a_connection_that_breaks_is_a_failed_attempt(serve):
    def function(event, context):
        raise HangUp

    api, invoke = serve(function)
    with pytest.raises(FunctionExited):
        invoke(RECORDS)
    assert len(api.events) == 1  # nobody but the mapping tries again


def test_the_timeout_of_the_mapping_ends_the_wait(serve):
    released = threading.Event()
    _, invoke = serve(lambda event, context: released.wait(30), function_timeout_seconds=0.3)
    begun = time.monotonic()
    with pytest.raises(FunctionTimeout):
        invoke(RECORDS)
    assert time.monotonic() - begun < 10
    released.set()


def test_the_timeout_that_the_other_side_reports_is_one(serve):
    def function(event, context):
        raise TimeoutError

    _, invoke = serve(function)
    with pytest.raises(FunctionTimeout, match="Task timed out"):
        invoke(RECORDS)


@pytest.mark.parametrize("value", ["done", [1], 7, True])
def test_a_response_of_another_shape_fails_the_whole_batch(serve, value):
    _, invoke = serve(lambda event, context: value, report_batch_item_failures=True)
    with pytest.raises(BadResponse):
        invoke(RECORDS)


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


def test_a_path_of_the_url_s_own_is_kept():
    with Emulator(lambda event, context: None) as api:
        url = f"{api.url}/2015-03-31/functions/other/invocations"
        invoke = open_invoker(None, lambda records: {}, MappingSettings(function=url))
        assert not invoke(RECORDS).failures
        invoke.close()


def test_any_other_status_fails_the_batch():
    with Emulator(lambda event, context: None) as api:
        api.busy = lambda: (502, {}, b'{"message": "no"}')
        api.throttles = 1
        invoke = open_invoker(None, lambda records: {}, MappingSettings(function=api.url))
        with pytest.raises(FunctionError, match="HTTP status 502"):
            invoke(RECORDS)
        invoke.close()


def test_an_arn_names_the_region(service, monkeypatch):
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    invoke = open_invoker(None, lambda records: {}, MappingSettings(function=ARN))
    assert not invoke(RECORDS).failures
    invoke.close()


def test_without_a_region_the_start_says_so(monkeypatch):
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SettingsError, match="region"):
        open_invoker(None, lambda records: {}, MappingSettings(function=NAME))


def test_a_function_that_is_not_there_was_not_invoked(service):
    invoke = open_invoker(None, lambda records: {}, MappingSettings(function="unknown"))
    with pytest.raises(Throttled, match="not found"):
        invoke(RECORDS)
    invoke.close()


def test_an_event_that_is_too_large_is_the_batch_s_own_fault(service):
    settings = MappingSettings(function=NAME)
    invoke = open_invoker(None, lambda records: {"data": "x" * 6 * 1024 * 1024}, settings)
    with pytest.raises(FunctionError, match="RequestTooLarge"):
        invoke(RECORDS)
    invoke.close()


@pytest.mark.parametrize("url", ["http://", "http://host:port", "https://[::1"])
def test_a_url_that_is_none_ends_the_start(url):
    with pytest.raises(SettingsError, match="FUNCTION"):
        open_invoker(None, lambda records: {}, MappingSettings(function=url))


def test_a_mapping_without_a_function_ends_the_start():
    with pytest.raises(SettingsError, match="FUNCTION"):
        open_invoker(None, lambda records: {}, MappingSettings())


def test_the_password_in_an_address_is_not_told():
    """The log says where the function is, while it is out of reach."""
    function = HttpFunction("http://user:secret@127.0.0.1:1", 1.0, 1)
    with pytest.raises(NotDone) as away:
        function({})
    function.close()

    assert "http://***@127.0.0.1:1 is out of reach" in str(away.value)
    assert "secret" not in str(away.value)
