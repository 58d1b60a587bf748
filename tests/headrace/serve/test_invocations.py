"""The path of the Lambda runtime interface, for whoever sets it."""

import json

import pytest

from headrace.runner.function.errors import FunctionError, FunctionTimeout, Throttled
from headrace.runner.function.http import INVOCATIONS, HttpFunction
from headrace.runner.protocol.events import kafka_event
from headrace.serve import call_queue
from tests.support import hosted
from tests.support.runner import kafka_record
from tests.support.serving import Echo, in_threads

pytestmark = pytest.mark.slow(seconds=1.5)

RECORDS = [kafka_record(offset, value, timestamp=1) for offset, value in enumerate([b"", b"fail"])]
FORGED = json.dumps(kafka_event(RECORDS, "h")).encode()


@pytest.fixture
def invoke(start):
    """Invokes a function as the runner does over HTTP."""
    opened = []

    def begin(function=None, **options):
        server = start(function, invocations=True, **options)
        opened.append(HttpFunction(f"http://127.0.0.1:{server.port}", 60, 1))
        return opened[-1]

    yield begin
    for function in opened:
        function.close()


def test_unless_it_is_set_nobody_can_forge_an_event(start):
    """The path is one of the worker's own then: what is sent there is a body, not an event."""
    status, headers, body = start().ask(path=INVOCATIONS, body=FORGED)
    assert (status, json.loads(body)["size"]) == (200, len(FORGED))
    assert "x-amz-function-error" not in headers


def test_it_is_a_runtime_interface_too(invoke, monkeypatch):
    monkeypatch.setenv("HEADRACE_REPORT_BATCH_ITEM_FAILURES", "true")
    call = invoke()
    item = {"itemIdentifier": {"partition": "orders-0", "offset": 1}}
    assert call(kafka_event(RECORDS, "h")) == {"batchItemFailures": [item]}
    assert call({"n": 2**60})["size"] == 25


def test_integers_of_any_size_are_taken(start):
    server = start(invocations=True)
    status, _, body = server.ask(path=INVOCATIONS, body=b'{"n": 1180591620717411303424}')
    assert (status, json.loads(body)["size"]) == (200, 28)


@pytest.mark.parametrize("timeout", [None, 30])
def test_integers_of_any_size_come_back(start, timeout):
    server = start(hosted.echo, invocations=True, timeout=timeout)
    status, _, body = server.ask(path=INVOCATIONS, body=b'{"n": 1180591620717411303424}')
    assert (status, json.loads(body)) == (200, {"n": 1180591620717411303424})


def test_errors_of_the_function_come_as_such(invoke):
    with pytest.raises(FunctionError, match="HEADRACE_REPORT_BATCH_ITEM_FAILURES") as caught:
        invoke()(kafka_event(RECORDS, "h"))
    assert type(caught.value).__name__ == "BatchFailed"


def test_a_timeout_of_the_function_comes_as_one(invoke):
    with pytest.raises(FunctionTimeout):
        invoke(hosted.hanging, timeout=1)({})


def test_a_server_that_is_not_ready_costs_no_attempt(invoke):
    with pytest.raises(Throttled):
        invoke(opened=False)({})


def test_a_server_that_is_busy_costs_no_attempt(start, monkeypatch):
    monkeypatch.setattr(call_queue, "WAIT_SECONDS", 0.2)
    server = start(invocations=True, concurrency=1)
    threads, _ = in_threads(1, lambda: server.ask(body=b"wait"))
    assert Echo.entered.acquire(timeout=20)
    assert server.ask(path=INVOCATIONS, body=b"{}")[0] == 429
    Echo.gate.set()
    threads[0].join(20)


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[" * 100_000])
def test_an_event_that_is_not_json_is_refused(body, start):
    status, headers, _ = start(invocations=True).ask(path=INVOCATIONS, body=body)
    assert (status, headers["content-type"]) == (400, "application/problem+json")
