"""How a server ends: running calls finish, idle connections end."""

import time

import pytest

from tests.support.serving import Echo, in_threads

pytestmark = pytest.mark.slow(seconds=1.5)


def test_a_drain_ends_idle_connections_and_lets_running_calls_finish(start):
    server = start()
    idle = server.connect()
    idle.request("GET", "/healthz")
    idle.getresponse().read()
    threads, results = in_threads(1, lambda: server.ask(body=b"wait")[:2])
    assert Echo.entered.acquire(timeout=20)
    drains, drained = in_threads(1, lambda: server.drain(20))
    deadline = time.monotonic() + 20
    while accepts(server) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not accepts(server)
    assert not drained
    Echo.gate.set()
    for thread in threads + drains:
        thread.join(20)
    ((status, headers),) = results
    assert (status, headers["connection"], drained) == (200, "close", [True])
    assert idle.sock.recv(1) == b""
    idle.close()


def accepts(server):
    try:
        server.socket().close()
    except ConnectionError:
        return False
    return True


def test_a_connection_that_was_taken_before_a_drain_is_answered(start):
    server = start()
    fresh = server.connect()
    fresh.connect()
    drains, drained = in_threads(1, lambda: server.drain(20))
    time.sleep(0.2)
    fresh.request("POST", "/", b"12345")
    answer = fresh.getresponse()
    assert (answer.status, answer.headers["connection"]) == (200, "close")
    fresh.close()
    drains[0].join(20)
    assert drained == [True]


def test_a_drain_is_seen_by_who_asks_whether_it_is_ready(start):
    server = start()
    drains, _ = in_threads(1, lambda: server.drain(20))
    time.sleep(0.1)
    assert [server.ask("GET", path)[0] for path in ("/healthz", "/readyz")] == [200, 503]
    drains[0].join(20)


def test_a_drain_does_not_wait_for_ever(start):
    server = start()
    threads, _ = in_threads(1, lambda: _asked_in_vain(server))
    assert Echo.entered.acquire(timeout=20)
    assert server.drain(0.2) is False
    Echo.gate.set()
    threads[0].join(20)


def _asked_in_vain(server):
    connection = server.connect()
    connection.timeout = 2
    connection.request("POST", "/", b"wait")
    with pytest.raises((ConnectionError, TimeoutError)):
        connection.getresponse()
    connection.close()
