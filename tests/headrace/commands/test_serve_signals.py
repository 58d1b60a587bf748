"""A signal ends `headrace serve` in order: what runs is answered, what is lost is told."""

import signal
import threading
import time

import pytest
import urllib3

from tests.support.served import requests, serve
from tests.support.waiting import wait_until

pytestmark = pytest.mark.slow(seconds=0.7)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("flags", [(), ("--function-timeout-seconds", "60")])
def test_a_signal_lets_the_running_request_finish_and_exits_zero(number, flags, tmp_path):
    with serve(tmp_path, "tests.support.hosted", *flags) as served:
        notes, answers = tmp_path / "notes", []
        body = f"sleep_noted {notes} 1.5"
        asking = threading.Thread(
            target=lambda: answers.append(served.request("POST", "/", body=body).status)
        )
        asking.start()
        wait_until(notes.exists)
        served.process.send_signal(number)
        assert served.process.wait(30) == 0
        asking.join(30)
    assert answers == [200]
    assert served.lines()[-1]["message"] == "stopped"


@pytest.mark.parametrize("time_of_day", range(3))
def test_a_signal_under_load_is_never_lost(time_of_day, tmp_path):
    """The kernel gives it to any thread of the process; eight clients keep them all busy."""
    with serve(tmp_path, "tests.support.hosted") as served:
        ended = threading.Event()
        clients = [threading.Thread(target=_hammer, args=(served, ended)) for _ in range(8)]
        for client in clients:
            client.start()
        time.sleep(0.5 + time_of_day / 7)
        served.process.send_signal(signal.SIGTERM)
        try:
            assert served.process.wait(20) == 0
        finally:
            ended.set()
        for client in clients:
            client.join(20)
    assert not [line for line in requests(served) if line["status"] != 200]


def _hammer(served, ended):
    while not ended.is_set():
        try:
            served.request("POST", "/", body=b"")
        except urllib3.exceptions.HTTPError:
            return


def test_a_call_that_outlasts_the_drain_is_told_of(tmp_path):
    with serve(tmp_path, "tests.support.hosted", "--drain-timeout-seconds", "0.2") as served:
        notes = tmp_path / "notes"
        body = f"sleep_noted {notes} 600"
        asking = threading.Thread(target=_ask_in_vain, args=(served, body))
        asking.start()
        wait_until(notes.exists)
        served.process.send_signal(signal.SIGTERM)
        assert served.process.wait(30) == 1
        asking.join(30)
    assert all(line.startswith("{") for line in served.log.read_text().splitlines())


def _ask_in_vain(served, body):
    try:
        answer = served.request("POST", "/", body=body)
    except urllib3.exceptions.HTTPError:
        return  # the connection ended with the process
    assert answer.status == 500
