"""Connections, bodies in memory and descriptors are bounded."""

import json
import socket
import subprocess
import sys
import threading
import time

import psutil
import pytest

from tests.support.serving import HEAD, Echo, in_threads, statuses
from tests.support.waiting import wait_until

pytestmark = pytest.mark.slow(seconds=1)


def test_a_body_over_the_limit_is_refused_and_the_refusal_heard(start):
    server = start(max_body_bytes=1000)
    assert server.ask(body=b"x" * 1000)[0] == 200
    status, headers, body = server.ask(body=b"x" * 2_000_000)
    assert (status, headers["connection"]) == (413, "close")
    assert "at most 1000" in json.loads(body)["detail"]


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
