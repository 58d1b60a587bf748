"""What goes wrong with a function elsewhere: its own fault, the batch's, or on the way there."""

import socket
import threading
import time

import pytest

from headrace.runner.function.errors import (
    FunctionError,
    FunctionExited,
    FunctionTimeout,
    Throttled,
)
from headrace.runner.function.open import open_invoker
from headrace.runner.protocol.response import BadResponse
from headrace.runner.settings import MappingSettings
from tests.support.function.lambda_api import NAME, Emulator, HangUp
from tests.support.function.records import RECORDS


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


def test_any_other_status_fails_the_batch():
    with Emulator(lambda event, context: None) as api:
        api.busy = lambda: (502, {}, b'{"message": "no"}')
        api.throttles = 1
        invoke = open_invoker(None, lambda records: {}, MappingSettings(function=api.url))
        with pytest.raises(FunctionError, match="HTTP status 502"):
            invoke(RECORDS)
        invoke.close()


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
