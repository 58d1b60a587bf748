"""The server by itself: what it takes, what it refuses, and how it ends."""

import http.client
import json
import socket
import threading
import time

import pytest

from headrace import Reject, Reply, Worker, lambda_handler
from headrace.log import logger
from headrace.runner.delivery.limits import Throttled
from headrace.runner.function.errors import FunctionError, FunctionTimeout
from headrace.runner.function.http import INVOCATIONS, HttpFunction
from headrace.runner.protocol.events import kafka_event
from headrace.serve import function as serve_function
from headrace.serve.function import ServedFunction
from headrace.serve.http import Server
from tests.support import hosted
from tests.support.runner import kafka_record

PICTURE = bytes(range(256))


class Echo(Worker):
    """Answers as the body says; a gate holds requests up."""

    gate = threading.Event()
    entered = threading.Semaphore(0)

    def setup(self) -> None:
        self.log.setLevel("CRITICAL")

    def process(self, record):
        match record.value:
            case b"picture":
                return Reply(PICTURE, "image/png", headers=(("x-size", "256"),))
            case b"reject":
                raise Reject("not that", status=422, errors=[{"field": "a"}])
            case b"fail":
                raise ZeroDivisionError("a secret")
            case b"nothing":
                return None
            case b"wait":
                self.entered.release()
                assert self.gate.wait(30)
        headers = {name: value.decode() for name, value in record.headers}
        return {"size": len(record.value or b""), "headers": headers}


@pytest.fixture
def start(monkeypatch):
    """Starts a server of a function; gives a connection to it."""
    ends = []
    monkeypatch.setattr(Echo, "gate", threading.Event())
    monkeypatch.setattr(Echo, "entered", threading.Semaphore(0))

    def begin(function=None, *, concurrency=4, timeout=None, most=1000, opened=True):
        served = ServedFunction(concurrency, timeout)
        server = Server(("127.0.0.1", 0), served, most, logger("serve", "CRITICAL"))
        server.start()
        ends.append((server, served))
        if opened:
            served.open(function or lambda_handler(Echo))
        return server

    yield begin
    Echo.gate.set()
    for server, served in ends:
        if not server.draining:
            server.drain(5)
        served.close()


def connect(server):
    return http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=30)


def ask(server, method="POST", path="/", body=None, headers=None):
    """Status, headers and body of one request."""
    connection = connect(server)
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    found = answer.status, answer.headers, answer.read()
    connection.close()
    return found


def test_a_request_becomes_the_worker_s_record_and_its_result_the_answer(start):
    status, headers, body = ask(start(), body=b"12345", headers={"X-One": "a"})
    assert (status, headers["content-type"]) == (200, "application/json")
    found = json.loads(body)
    assert found["size"] == 5
    assert found["headers"]["x-one"] == "a"


def test_bytes_that_are_no_text_travel_both_ways(start):
    server = start()
    assert json.loads(ask(server, body=PICTURE)[2])["size"] == 256
    status, headers, body = ask(server, body=b"picture")
    assert (status, headers["content-type"], headers["x-size"]) == (200, "image/png", "256")
    assert body == PICTURE


def test_nothing_is_204(start):
    status, headers, body = ask(start(), body=b"nothing")
    assert (status, body) == (204, b"")
    assert "content-length" not in headers


def test_a_rejected_request_gets_the_problem(start):
    status, headers, body = ask(start(), body=b"reject")
    assert (status, headers["content-type"]) == (422, "application/problem+json")
    assert json.loads(body)["detail"] == "not that"


def test_a_failure_keeps_its_secrets(start):
    status, _, body = ask(start(), body=b"fail")
    assert status == 500
    assert b"secret" not in body


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_other_methods_reach_the_worker_too(method, start):
    status, _, body = ask(start(), method)
    assert (status, json.loads(body)["size"]) == (200, 0)


def test_head_is_the_answer_without_its_body(start):
    status, headers, body = ask(start(), "HEAD", body=b"picture")
    assert (status, headers["content-length"], body) == (200, "256", b"")


def test_a_connection_serves_many_requests(start):
    connection = connect(start())
    for size in range(5):
        connection.request("POST", "/", b"x" * size)
        assert json.loads(connection.getresponse().read())["size"] == size
    connection.close()


def test_a_body_over_the_limit_is_refused(start):
    server = start(most=1000)
    assert ask(server, body=b"x" * 1000)[0] == 200
    status, headers, body = ask(server, body=b"x" * 1001)
    assert (status, headers["connection"]) == (413, "close")
    assert "at most 1000" in json.loads(body)["detail"]


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"Transfer-Encoding: chunked", 411),
        (b"Content-Length: -1", 400),
        (b"Content-Length: 1_0", 400),
        (b"Content-Length: many", 400),
    ],
)
def test_a_body_without_a_proper_length_is_refused(head, status, start):
    with socket.create_connection(("127.0.0.1", start().server_port), 30) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: h\r\n" + head + b"\r\n\r\n")
        answer = connection.makefile("rb").read()  # to its end: the connection is closed
    assert int(answer.split()[1]) == status


@pytest.mark.parametrize("target", ["//[", "*", "http://[::1/", "/%zz?%", "?", "/\xe9"])
def test_any_target_gets_an_answer(target, start):
    with socket.create_connection(("127.0.0.1", start().server_port), 30) as connection:
        connection.sendall(f"GET {target} HTTP/1.1\r\nConnection: close\r\n\r\n".encode("latin-1"))
        assert connection.makefile("rb").read().startswith(b"HTTP/1.1 200 ")


def test_what_is_no_http_is_refused(start):
    with socket.create_connection(("127.0.0.1", start().server_port), 30) as connection:
        connection.sendall(b"hello\r\n\r\n")
        assert b"400" in connection.makefile("rb").read()


def test_it_is_healthy_at_once_and_ready_after_setup(start):
    server = start(opened=False)
    assert [ask(server, "GET", path)[0] for path in ("/healthz", "/readyz")] == [200, 503]
    status, headers, _ = ask(server)
    assert (status, headers["retry-after"]) == (503, "1")
    server.function.open(lambda_handler(Echo))
    assert ask(server, "GET", "/readyz")[0] == 200


def in_threads(count, work):
    results = []
    threads = [threading.Thread(target=lambda: results.append(work())) for _ in range(count)]
    for thread in threads:
        thread.start()
    return threads, results


def test_no_more_calls_run_at_once_than_are_allowed(start, monkeypatch):
    monkeypatch.setattr(serve_function, "_WAIT_SECONDS", 0.2)
    server = start(concurrency=2)
    threads, results = in_threads(2, lambda: ask(server, body=b"wait")[0])
    for _ in range(2):
        assert Echo.entered.acquire(timeout=20)
    assert ask(server)[0] == 503
    assert ask(server, path=INVOCATIONS, body=b"{}")[0] == 429
    assert ask(server, "GET", "/readyz")[0] == 200  # busy is not broken
    Echo.gate.set()
    for thread in threads:
        thread.join(20)
    assert results == [200, 200]
    assert ask(server)[0] == 200


def test_a_call_waits_its_turn(start):
    server = start(concurrency=1)
    threads, results = in_threads(3, lambda: ask(server, body=b"wait")[0])
    assert Echo.entered.acquire(timeout=20)
    assert not Echo.entered.acquire(timeout=0.3)
    Echo.gate.set()
    for thread in threads:
        thread.join(20)
    assert results == [200] * 3


def test_a_drain_ends_idle_connections_and_lets_running_calls_finish(start):
    server = start()
    idle = connect(server)
    idle.request("GET", "/healthz")
    idle.getresponse().read()
    threads, results = in_threads(1, lambda: ask(server, body=b"wait")[:2])
    assert Echo.entered.acquire(timeout=20)
    drains, drained = in_threads(1, lambda: server.drain(20))
    deadline = time.monotonic() + 20
    while _accepts(server) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _accepts(server)
    assert not drained
    Echo.gate.set()
    for thread in threads + drains:
        thread.join(20)
    ((status, headers),) = results
    assert (status, headers["connection"], drained) == (200, "close", [True])
    assert idle.sock.recv(1) == b""
    idle.close()


def _accepts(server):
    try:
        socket.create_connection(("127.0.0.1", server.server_port), 5).close()
    except ConnectionError:
        return False
    return True


def test_a_drain_does_not_wait_for_ever(start):
    server = start()
    threads, _ = in_threads(1, lambda: ask(server, body=b"wait"))
    assert Echo.entered.acquire(timeout=20)
    assert server.drain(0.2) is False
    Echo.gate.set()
    threads[0].join(20)


def test_a_call_that_takes_too_long_is_504_and_the_next_one_is_answered(start):
    server = start(hosted.handler, timeout=2)
    assert ask(server, body=b"sleep 600")[0] == 504
    assert ask(server, body=b"")[0] == 200


def test_a_worker_that_dies_is_500_and_the_next_call_is_answered(start):
    server = start(hosted.handler, timeout=30)
    assert ask(server, body=b"exit 1")[0] == 500
    assert ask(server, body=b"")[0] == 200


RECORDS = [kafka_record(offset, value, timestamp=1) for offset, value in enumerate([b"", b"fail"])]


@pytest.fixture
def invoke(start):
    """Invokes a function as the runner does over HTTP."""
    opened = []

    def begin(function, **options):
        server = start(function, most=1 << 20, **options)
        opened.append(HttpFunction(f"http://127.0.0.1:{server.server_port}", 60, 1))
        return opened[-1]

    yield begin
    for function in opened:
        function.close()


def test_it_is_a_runtime_interface_too(invoke, monkeypatch):
    monkeypatch.setenv("HEADRACE_REPORT_BATCH_ITEM_FAILURES", "true")
    call = invoke(lambda_handler(Echo))
    item = {"itemIdentifier": {"partition": "orders-0", "offset": 1}}
    assert call(kafka_event(RECORDS, "h")) == {"batchItemFailures": [item]}
    assert call({"n": 2**60})["size"] == 25


def test_integers_of_any_size_are_taken(start):
    status, _, body = ask(start(), path=INVOCATIONS, body=b'{"n": 1180591620717411303424}')
    assert (status, json.loads(body)["size"]) == (200, 29)


def test_errors_of_the_function_come_as_such(invoke):
    with pytest.raises(FunctionError, match="HEADRACE_REPORT_BATCH_ITEM_FAILURES") as caught:
        invoke(lambda_handler(Echo))(kafka_event(RECORDS, "h"))
    assert type(caught.value).__name__ == "BatchFailed"


def test_a_timeout_of_the_function_comes_as_one(invoke):
    with pytest.raises(FunctionTimeout):
        invoke(hosted.hanging, timeout=1)({})


def test_a_server_that_is_not_ready_costs_no_attempt(invoke):
    with pytest.raises(Throttled):
        invoke(None, opened=False)({})


@pytest.mark.parametrize("body", [b"{", b"\xff"])
def test_an_event_that_is_not_json_is_refused(body, start):
    assert ask(start(), path=INVOCATIONS, body=body)[0] == 400
