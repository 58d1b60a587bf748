"""How many calls run at once, and what becomes of those that hang or die."""

import time

import pytest

from headrace.serve import call_queue
from tests.support import hosted
from tests.support.serving import Echo, in_threads

pytestmark = pytest.mark.slow(seconds=1.5)


def test_no_more_calls_run_at_once_than_are_allowed(start, monkeypatch):
    monkeypatch.setattr(call_queue, "WAIT_SECONDS", 0.2)
    server = start(concurrency=2)
    threads, results = in_threads(2, lambda: server.ask(body=b"wait")[0])
    for _ in range(2):
        assert Echo.entered.acquire(timeout=20)
    status, headers, _ = server.ask()
    assert (status, headers["retry-after"]) == (503, "1")
    assert server.ask("GET", "/readyz")[0] == 200  # busy is not broken
    Echo.gate.set()
    for thread in threads:
        thread.join(20)
    assert results == [200, 200]
    assert server.ask()[0] == 200


def test_a_call_waits_its_turn(start):
    server = start(concurrency=1)
    threads, results = in_threads(3, lambda: server.ask(body=b"wait")[0])
    assert Echo.entered.acquire(timeout=20)
    assert not Echo.entered.acquire(timeout=0.3)
    Echo.gate.set()
    for thread in threads:
        thread.join(20)
    assert results == [200] * 3


def test_calls_that_all_hang_are_told_by_the_probes(start):
    server = start(concurrency=2, hang_seconds=0.3)
    threads, _ = in_threads(2, lambda: server.ask(body=b"wait"))
    for _ in range(2):
        assert Echo.entered.acquire(timeout=20)
    assert server.ask("GET", "/healthz")[0] == 200
    time.sleep(0.4)
    assert [server.ask("GET", path)[0] for path in ("/healthz", "/readyz")] == [503, 503]
    Echo.gate.set()
    for thread in threads:
        thread.join(20)
    assert [server.ask("GET", path)[0] for path in ("/healthz", "/readyz")] == [200, 200]


def test_a_call_that_hangs_beside_one_that_is_free_is_no_reason_to_start_again(start):
    server = start(concurrency=2, hang_seconds=0.1)
    threads, _ = in_threads(1, lambda: server.ask(body=b"wait"))
    assert Echo.entered.acquire(timeout=20)
    time.sleep(0.3)
    assert server.ask("GET", "/healthz")[0] == 200
    Echo.gate.set()
    threads[0].join(20)


def test_a_call_that_takes_too_long_is_504_and_the_next_one_is_answered(start):
    server = start(hosted.handler, timeout=2)
    assert server.ask(body=b"sleep 600")[0] == 504
    assert server.ask(body=b"")[0] == 200


def test_a_worker_that_dies_is_500_and_the_next_call_is_answered(start):
    server = start(hosted.handler, timeout=30)
    assert server.ask(body=b"exit 1")[0] == 500
    assert server.ask(body=b"")[0] == 200
