"""What waits is taken together, in order; each caller has an answer of its own."""

import json
import threading
import time

import pytest

from headrace import Reject, Worker, lambda_handler
from headrace.serve import call_queue
from tests.support.serving import in_threads
from tests.support.waiting import wait_until


class Batching(Worker):
    """Notes what it got together; a gate holds the first call up."""

    def setup(self):
        self.gate = threading.Event()
        self.entered = threading.Event()
        self.batches = []

    def process_batch(self, records):
        self.batches.append([record.text() for record in records])
        if self.batches[-1] == ["wait"]:
            self.entered.set()
            assert self.gate.wait(30)
        if "break" in self.batches[-1]:
            raise ZeroDivisionError("the whole batch")
        return [Reject("not that", status=422) if r.text() == "no" else r.text() for r in records]


@pytest.fixture
def held(start):
    """A server whose only call is held up, its worker, and how to let go."""
    handler = lambda_handler(Batching)
    server = start(handler)
    worker = handler.worker()
    first, answers = in_threads(1, lambda: server.ask(body=b"wait")[0])
    assert worker.entered.wait(20)
    yield server, worker
    worker.gate.set()
    first[0].join(20)
    assert answers == [200]


def ask_in_order(server, bodies):
    """Ask from a thread each, one after the other has arrived; the answers by body."""
    answers = {}

    def ask(body):
        status, _, data = server.ask(body=body.encode())
        answers[body] = status, json.loads(data)

    threads = []
    for count, body in enumerate(bodies, start=1):
        threads.append(threading.Thread(target=ask, args=(body,)))
        threads[-1].start()
        wait_until(lambda count=count: server.services[0].waiting == count)
    return threads, answers


def finish(worker, threads):
    worker.gate.set()
    for thread in threads:
        thread.join(20)


def test_an_idle_worker_is_asked_at_once(start):
    handler = lambda_handler(Batching)
    server = start(handler)
    for text in ("a", "b"):
        assert server.ask(body=text.encode())[0] == 200
    assert handler.worker().batches == [["a"], ["b"]]


def test_what_arrives_during_a_call_is_the_next_batch_in_order(held):
    server, worker = held
    threads, answers = ask_in_order(server, "abcde")
    finish(worker, threads)
    assert worker.batches == [["wait"], list("abcde")]
    assert answers == {text: (200, text) for text in "abcde"}


def test_one_that_is_rejected_is_no_other_s_affair(held):
    server, worker = held
    threads, answers = ask_in_order(server, ["a", "no", "b"])
    finish(worker, threads)
    assert {text: answer[0] for text, answer in answers.items()} == {"a": 200, "no": 422, "b": 200}


def test_a_batch_that_breaks_is_tried_one_by_one(held):
    server, worker = held
    threads, answers = ask_in_order(server, ["a", "break", "b"])
    finish(worker, threads)
    assert worker.batches[1:] == [["a", "break", "b"], ["a"], ["break"], ["b"]]
    assert {text: answer[0] for text, answer in answers.items()} == {
        "a": 200,
        "break": 500,
        "b": 200,
    }


def test_nothing_is_computed_for_a_caller_that_has_left(held):
    server, worker = held
    connection = server.connect()
    connection.request("POST", "/", b"left")
    wait_until(lambda: server.services[0].waiting == 1)
    threads, _ = in_threads(1, lambda: server.ask(body=b"a")[0])
    connection.close()
    wait_until(lambda: server.services[0].waiting == 1)
    time.sleep(0.2)
    finish(worker, threads)
    assert worker.batches == [["wait"], ["a"]]


def test_who_waits_for_too_long_may_come_again(held, monkeypatch):
    monkeypatch.setattr(call_queue, "WAIT_SECONDS", 0.2)
    server, worker = held
    status, headers, _ = server.ask(body=b"late")
    assert (status, headers["retry-after"]) == (503, "1")
    finish(worker, [])
    assert worker.batches == [["wait"]]


def test_a_queue_is_never_longer_than_its_bound(start):
    handler = lambda_handler(Batching)
    server = start(handler, max_connections=20)
    worker = handler.worker()
    service = server.services[0]
    service._batches._most = 2
    first, _ = in_threads(1, lambda: server.ask(body=b"wait")[0])
    assert worker.entered.wait(20)
    threads, answers = ask_in_order(server, "ab")
    assert server.ask(body=b"c")[0] == 503
    finish(worker, threads + first)
    assert answers == {text: (200, text) for text in "ab"}
