"""Requests that are begun when their body comes: which, and what becomes of the others.

The trick is pinned, so that the next Granian shows up.
"""

import contextlib
import http.client
import socket
import threading
import time

import granian
import pytest
from granian.server.embed import Server as Granian

from headrace.log import logger
from headrace.web.arrivals import with_arrivals
from headrace.web.background import in_background
from headrace.web.first_piece import FirstPiece, arrived
from headrace.web.server import Bounds, Server

HEAD = b"POST /%s HTTP/1.1\r\nHost: h\r\n"


class Application:
    """Answers with how many bytes it got, and tells whether they were asked for early."""

    def __init__(self):
        self.seen = []
        self.early = []
        self.begun = threading.Event()
        self.gone = threading.Event()

    async def __call__(self, scope, receive, send):
        self.early.append(isinstance(receive, FirstPiece))
        self.begun.set()
        if scope["path"] == "/fails":
            raise ZeroDivisionError
        if scope["path"] == "/at-once":
            first = arrived(receive)
            size = None if first is None else len(first["body"])
        else:
            size = 0 if scope["path"] == "/unread" else await self.read(receive)
        self.seen.append(size)
        length = [(b"content-length", str(len(str(size))).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": length})
        await send({"type": "http.response.body", "body": str(size).encode()})

    async def read(self, receive):
        size, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.gone.set()
                return -1
            size += len(message["body"])
            more = message["more_body"]
        return size


@pytest.fixture
def application():
    return Application()


@pytest.fixture
def port(application):
    server = Server(application, ("127.0.0.1", 0), logger("web", "CRITICAL"), Bounds(64, 30.0))
    with in_background(server, 5):
        yield server.port


@pytest.fixture
def client(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    yield connection
    connection.close()


def ask(client, method="POST", path="/", **options):
    client.request(method, path, **options)
    answer = client.getresponse()
    return answer.status, answer.read()


def test_the_version_that_is_installed_is_known():
    spawn = Granian._spawn_asgi_worker

    assert with_arrivals(spawn, granian.__version__) is not spawn


def test_a_version_that_is_unknown_is_left_as_it_is():
    async def other():
        """Starts Granian in another way."""

    other.__wrapped__ = other
    spawn = Granian._spawn_asgi_worker

    assert with_arrivals(spawn, "2.9.0") is spawn
    assert with_arrivals(other, granian.__version__) is other
    assert with_arrivals(len, granian.__version__) is len


@pytest.mark.parametrize("size", [1, 1000, 3_000_000])
def test_a_body_is_asked_for_early_and_is_whole(size, application, client):
    assert ask(client, body=b"x" * size) == (200, str(size).encode())
    assert application.early == [True]


@pytest.mark.parametrize("size", [1, 1000])
def test_a_body_is_there_when_its_request_is_begun(size, client):
    for _ in range(20):
        assert ask(client, path="/at-once", body=b"x" * size) == (200, str(size).encode())


def test_a_head_without_a_body_is_begun_after_a_moment_and_once(application, client, port):
    with socket.create_connection(("127.0.0.1", port), 30) as connection:
        connection.sendall(HEAD % b"" + b"Content-Length: 3\r\n\r\n")
        assert application.begun.wait(30)
        assert ask(client, body=b"x") == (200, b"1")
        connection.sendall(b"abc")
        assert connection.recv(1000).endswith(b"3")
    assert application.seen == [1, 3]
    assert application.early == [True, True]


def test_each_of_many_heads_without_a_body_is_begun(application, port):
    with contextlib.ExitStack() as stack:
        address = ("127.0.0.1", port)
        opened = [stack.enter_context(socket.create_connection(address, 30)) for _ in range(20)]
        for connection in opened:
            connection.sendall(HEAD % b"at-once" + b"Content-Length: 3\r\n\r\n")
            time.sleep(0.005)
        assert all(connection.recv(1000).endswith(b"None") for connection in opened)


def test_what_has_no_body_is_not_asked_for_one(application, client):
    assert ask(client, "GET") == (200, b"0")
    assert application.early == [False]


def test_a_client_that_waits_is_told_to_send_only_if_the_application_reads(application, port):
    for path, told in ((b"unread", b"HTTP/1.1 200"), (b"", b"HTTP/1.1 100")):
        with socket.create_connection(("127.0.0.1", port), 30) as connection:
            expects = b"Content-Length: 3\r\nExpect: 100-continue\r\n\r\n"
            connection.sendall(HEAD % path + expects)
            assert connection.recv(1000).startswith(told)
    assert application.early == [False, False]


def test_a_body_that_the_application_leaves_unread_is_no_request(application, client):
    assert ask(client, path="/unread", body=b"x" * 1000) == (200, b"0")
    assert ask(client, body=b"x") == (200, b"1")
    assert application.seen == [0, 1]


def test_a_connection_does_not_wait_for_a_body_that_nobody_wants(port):
    with socket.create_connection(("127.0.0.1", port), 30) as connection:
        connection.sendall(HEAD % b"unread" + b"Content-Length: 9\r\nConnection: close\r\n\r\n")
        answer = connection.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"0")


def test_a_client_that_leaves_is_told_of(application, port):
    with socket.create_connection(("127.0.0.1", port), 30) as connection:
        connection.sendall(HEAD % b"" + b"Content-Length: 9\r\n\r\nabc")
    assert application.gone.wait(30)


def test_an_application_that_fails_is_500_and_the_next_request_is_answered(client):
    assert ask(client, path="/fails", body=b"x")[0] == 500
    assert ask(client, body=b"x") == (200, b"1")
