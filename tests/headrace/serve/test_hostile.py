"""What callers may do to the server: each request gets an answer that is true, or none."""

import json
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress

import psutil
import pytest

from headrace import Reply, Worker, lambda_handler
from tests.support.serving import Echo, in_threads
from tests.support.waiting import wait_until

pytestmark = pytest.mark.slow(seconds=1)

HEAD = b"POST / HTTP/1.1\r\nHost: h\r\n"


LARGE = 50_000_000  # more than the buffers of both sides


class Large(Worker):
    def process(self, record):
        return Reply(bytes(LARGE), "application/octet-stream")


def statuses(answer):
    """The statuses of all responses that came over one connection."""
    return [int(line.split()[1]) for line in answer.split(b"\r\n") if line.startswith(b"HTTP/1.")]


SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n"
REFUSED = {
    "two lengths": (b"Content-Length: 0\r\nContent-Length: 36\r\n", 400),
    "two lengths in one": (b"Content-Length: 0, 36\r\n", 400),
    "a length and chunks": (b"Content-Length: 36\r\nTransfer-Encoding: chunked\r\n", 411),
    "chunks and a length": (b"Transfer-Encoding: chunked\r\nContent-Length: 36\r\n", 411),
    "chunks": (b"Transfer-Encoding: chunked\r\n", 411),
    "an unknown coding": (b"Transfer-Encoding: xchunked\r\n", 400),
    "a line without a colon": (b"Content-Length 36\r\n", 400),
    "a space before a colon": (b"Content-Length : 36\r\n", 400),
    "a folded line": (b"X: a\r\n Content-Length: 36\r\n", 400),
    "a line end of one's own": (b"X: a\rContent-Length: 36\r\n", 400),
    "a zero": (b"X: a\0b\r\n", 400),
    "a sign": (b"Content-Length: -1\r\n", 400),
    "a number in disguise": (b"Content-Length: 1_0\r\n", 400),
    "a word": (b"Content-Length: many\r\n", 400),
    "five thousand digits": (b"Content-Length: " + b"9" * 5000 + b"\r\n", 400),
    "two hosts": (b"Host: other\r\n", 400),
    "a head of 100 kB": (b"X: " + b"a" * 100_000 + b"\r\n", 431),
    "a thousand headers": (b"X: a\r\n" * 1000, 431),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_request_that_two_servers_may_read_differently_is_refused(what, start):
    """And the connection closed: what follows is never taken for a request."""
    lines, status = REFUSED[what]
    server = start()
    assert statuses(server.send(HEAD + lines + b"\r\n" + SMUGGLED)) == [status]
    assert Echo.calls == 0


def test_a_head_of_megabytes_is_not_kept(start):
    """The client may not hear why: it still sends when the connection ends."""
    server = start()
    with suppress(ConnectionError):
        assert statuses(server.send(HEAD + b"X: " + b"a" * 6_000_000 + b"\r\n\r\n")) == [431]
    assert server.ask()[0] == 200
    assert Echo.calls == 1


def test_a_request_without_a_host_is_refused(start):
    server = start()
    assert statuses(server.send(b"GET / HTTP/1.1\r\n\r\n")) == [400]
    assert statuses(server.send(b"GET / HTTP/1.0\r\n\r\n")) == [200]  # it knew none


@pytest.mark.parametrize("target", ["//[", "*", "/%zz?%", "/?", "http://a.example/b?c", "/%00"])
def test_any_target_gets_an_answer(target, start):
    request = f"GET {target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
    assert statuses(start().send(request.encode())) == [200]


@pytest.mark.parametrize(
    "request_line", [b"hello", b"GET ? HTTP/1.1", b"GET /\xe9 HTTP/1.1", b"GET / HTTP/3.7", b"\0"]
)
def test_what_is_no_http_is_refused(request_line, start):
    assert statuses(start().send(request_line + b"\r\nHost: h\r\n\r\n")) == [400]


def test_a_server_is_no_proxy(start):
    answer = start().send(b"CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n")
    assert statuses(answer) == [405]


@pytest.mark.parametrize("sent", [b"", b"ab"])
def test_half_a_body_is_no_call(sent, start):
    server = start()
    server.send(HEAD + b"Content-Length: 10\r\n\r\n" + sent, end=True)
    assert server.ask(body=b"x")[0] == 200
    assert Echo.calls == 1


def test_a_client_that_asks_whether_to_send_is_told(start):
    with start().socket() as connection:
        connection.sendall(
            HEAD + b"Content-Length: 5\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
        )
        assert connection.recv(1000).startswith(b"HTTP/1.1 100 ")
        connection.sendall(b"12345")
        assert statuses(connection.makefile("rb").read()) == [200]


def test_a_body_over_the_limit_is_refused_and_the_refusal_heard(start):
    server = start(max_body_bytes=1000)
    assert server.ask(body=b"x" * 1000)[0] == 200
    status, headers, body = server.ask(body=b"x" * 2_000_000)
    assert (status, headers["connection"]) == (413, "close")
    assert "at most 1000" in json.loads(body)["detail"]


def drip(server, head, piece, seconds):
    """Send a piece every 50 ms; how long the connection lasted, and what came back."""
    begun = time.monotonic()
    with server.socket() as connection:
        connection.sendall(head)
        answer = b""
        connection.settimeout(0.05)
        while time.monotonic() - begun < seconds:
            try:
                connection.sendall(piece)
                data = connection.recv(10_000)
            except TimeoutError:
                continue
            except ConnectionError:
                break
            if not data:
                break
            answer += data
    return time.monotonic() - begun, answer


def test_a_head_that_drips_is_cut(start):
    lasted, _ = drip(start(idle_seconds=0.5), HEAD, b"X: a\r\n", 10)
    assert lasted < 5


def test_a_body_that_drips_is_cut_and_told(start):
    server = start(body_seconds=0.5)
    lasted, answer = drip(server, HEAD + b"Content-Length: 10000\r\n\r\n", b"x", 10)
    assert lasted < 5
    assert statuses(answer) == [408]
    assert Echo.calls == 0


@pytest.mark.parametrize("first", [b"", b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"])
def test_a_connection_that_says_nothing_is_cut(first, start):
    begun = time.monotonic()
    start(idle_seconds=0.5).send(first)
    assert time.monotonic() - begun < 5


@pytest.mark.skipif(sys.platform != "linux", reason="the system's own limit")
@pytest.mark.parametrize("reads", [True, False])
def test_a_client_that_takes_nothing_of_its_answer_is_cut(start, reads):
    server = start(lambda_handler(Large), idle_seconds=1)
    with server.socket() as connection:
        connection.sendall(HEAD + b"Connection: close\r\n\r\n")
        mine = connection.getsockname()[1]
        connection.recv(1000)
        time.sleep(0.5)
        if not reads:
            wait_until(lambda: not is_open(server.port, mine), 15)
            return
        size = 0
        while piece := connection.recv(1_000_000):
            size += len(piece)
    assert size > LARGE - 1000


def is_open(port, client):
    """Whether the server's end of a connection is there."""
    found = psutil.Process().net_connections("tcp")
    return any(one.raddr and (one.laddr.port, one.raddr.port) == (port, client) for one in found)


def test_further_connections_wait_for_one_that_ends(start):
    server = start(max_connections=2, idle_seconds=5)
    first, second, third = (server.connect() for _ in range(3))
    for connection in (first, second):
        connection.request("GET", "/healthz")
        connection.getresponse().read()
    third.timeout = 0.5
    third.request("GET", "/healthz")
    with pytest.raises(TimeoutError):
        third.getresponse()
    third.close()
    first.close()
    assert server.ask("GET", "/healthz")[0] == 200
    second.close()


def test_bodies_in_memory_are_bounded_together(start):
    """Half-sent bodies of ten megabytes: no more of them are kept than calls can use."""
    most = 10_000_000
    server = start(max_body_bytes=most, concurrency=2)
    before = psutil.Process().memory_info().rss
    connections = [server.socket() for _ in range(30)]
    refused = []

    def send(connection):
        connection.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % most)
        try:
            connection.sendall(bytes(most - 1))
        except OSError:  # the server answered 503, and hung up
            refused.append(connection)

    threads = [threading.Thread(target=send, args=(one,)) for one in connections]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    grown = psutil.Process().memory_info().rss - before
    assert refused
    assert server.app._bodies._left >= 0
    assert grown < 200_000_000  # of 300, with what this process sends
    for connection in connections:
        connection.close()

    def is_taken():
        try:
            return server.ask(body=bytes(most // 2))[0] == 200
        except OSError:  # those bodies are not let go yet
            return False

    wait_until(is_taken)


def test_a_request_too_many_may_come_again(start):
    server = start(max_body_bytes=1000, concurrency=1)
    halves = [server.socket() for _ in range(5)]
    for half in halves:
        half.sendall(HEAD + b"Content-Length: 1000\r\n\r\n" + bytes(999))
    wait_until(lambda: server.app._bodies._left < 100)
    status, headers, _ = server.ask(body=bytes(500))
    assert (status, headers["retry-after"]) == (503, "1")
    for half in halves:
        half.close()
    wait_until(lambda: server.ask(body=bytes(500))[0] == 200)


def test_a_body_is_parsed_in_its_turn(start):
    """Ten requests of a megabyte wait for one turn: none of them is an event yet."""
    server = start(concurrency=1, max_body_bytes=1_000_000)
    threads, results = in_threads(1, lambda: server.ask(body=b"wait")[0])
    assert Echo.entered.acquire(timeout=20)
    more, others = in_threads(3, lambda: server.ask(body=bytes(1_000_000))[0])
    time.sleep(0.3)
    assert Echo.calls == 1
    Echo.gate.set()
    for thread in threads + more:
        thread.join(20)
    assert results + others == [200] * 4


def splitting(event, context):
    """A function that answers with what would be two responses."""
    return {"statusCode": 200, "headers": {"x-one": event["body"]}, "body": "x"}


def test_an_answer_cannot_be_split_and_the_reason_is_logged(start, monkeypatch):
    server, logged = start(splitting), []
    monkeypatch.setattr(server.log, "exception", lambda message, **_: logged.append(message))
    status, headers, _ = server.ask(body=b"a\r\nset-cookie: stolen=1")
    assert (status, headers.get("set-cookie")) == (500, None)
    assert server.ask(body=b"a")[0] == 200
    assert logged == ["call failed"]


def framing(event, context):
    """A function that says itself where its answer ends."""
    name, _, value = event["body"].partition(": ")
    return {"statusCode": 200, "headers": {name: value}, "body": "four"}


@pytest.mark.parametrize(
    "header", ["Transfer-Encoding: chunked", "content-length: 1", "content-length: x", "TE: gzip"]
)
def test_an_answer_does_not_say_itself_where_it_ends(header, start):
    server = start(framing)
    assert server.ask(body=header.encode())[0] == 500
    status, headers, body = server.ask(body=b"content-length: 4")
    assert (status, headers["content-length"], body) == (200, "4", b"four")


FEW_FILES = """
import resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
from headrace.cli import main
sys.exit(main(["serve", "tests.support.hosted", "--port", "0"]))
"""


def test_descriptors_do_not_run_out(tmp_path):
    """With 64 files at most, 200 connections: some wait, nothing spins, later ones are answered."""
    log = tmp_path / "log"
    with log.open("wb") as file:
        process = subprocess.Popen([sys.executable, "-c", FEW_FILES], stdout=file, stderr=file)
    try:
        wait_until(lambda: '"ready"' in log.read_text(), 60)
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        assert any("few files" in line["message"] for line in lines)
        port = next(line["port"] for line in lines if line["message"] == "ready")
        held = [socket.create_connection(("127.0.0.1", port)) for _ in range(200)]
        watched = psutil.Process(process.pid)
        watched.cpu_percent()
        time.sleep(1)
        assert watched.cpu_percent() < 30
        for connection in held:
            connection.close()
        with socket.create_connection(("127.0.0.1", port), 20) as connection:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            assert statuses(connection.makefile("rb").read()) == [200]
    finally:
        process.kill()
        process.wait()
