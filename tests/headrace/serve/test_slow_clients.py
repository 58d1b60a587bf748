"""Clients that drip, say nothing, or take nothing are cut."""

import sys
import time

import psutil
import pytest

from headrace import Reply, Worker, lambda_handler
from tests.support.serving import HEAD, Echo, statuses
from tests.support.waiting import wait_until

pytestmark = pytest.mark.slow(seconds=1)

LARGE = 50_000_000  # more than the buffers of both sides


class Large(Worker):
    def process(self, record):
        return Reply(bytes(LARGE), "application/octet-stream")


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
