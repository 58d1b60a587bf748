"""How a process that runs a mapping ends: in order at the first signal, at once at the second."""

import signal
import subprocess
import sys
import time

import pytest

from headrace.runner.stop import Stop

PROGRAM = """
import time
from headrace.runner.stop import stop_on_signals
from headrace.runner.stop import Stop
stop = Stop()
stop_on_signals(stop, second_ends={second_ends}, within={within})
print("ready", flush=True)
while not stop.requested:
    time.sleep(0.01)
print("draining", flush=True)
time.sleep({drain})
print("left", flush=True)
"""


@pytest.fixture
def runner():
    """Starts a process that drains for so many seconds; gives it once it can be signalled."""
    started = []

    def start(
        drain: float, *, second_ends: bool = True, within: float | None = 30
    ) -> subprocess.Popen:
        program = PROGRAM.format(drain=drain, second_ends=second_ends, within=within)
        process = subprocess.Popen(
            [sys.executable, "-c", program],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout.readline() == "ready\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_first_signal_lets_it_drain(runner, number):
    process = runner(0.0)
    process.send_signal(number)
    assert process.stdout.read() == "draining\nleft\n"
    assert process.wait(10) == 0


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_the_second_one_ends_it_at_once(runner, second):
    process = runner(60.0)
    process.send_signal(signal.SIGTERM)
    assert process.stdout.readline() == "draining\n"
    process.send_signal(second)
    assert process.wait(10) == -second
    assert process.stdout.read() == ""


def test_one_that_comes_twice_lets_it_drain(runner):
    process = runner(0.1)
    process.send_signal(signal.SIGTERM)
    time.sleep(0.02)  # the handler runs
    process.send_signal(signal.SIGTERM)
    assert process.stdout.read() == "draining\nleft\n"
    assert process.wait(10) == 0


def test_a_stop_is_due_once_it_is_asked_for_whatever_is_at_work():
    stop = Stop()
    assert not stop.due(ready=True, idle=lambda: False)
    stop.request()
    assert stop.due(ready=False, idle=lambda: False)


def test_a_member_drains_although_a_service_manager_and_its_supervisor_both_signal_it(runner):
    process = runner(0.2, second_ends=False)
    process.send_signal(signal.SIGTERM)
    assert process.stdout.readline() == "draining\n"
    process.send_signal(signal.SIGTERM)
    assert process.stdout.read() == "left\n"
    assert process.wait(10) == 0


def test_one_that_hangs_says_where_and_ends(runner):
    process = runner(60.0, within=0.4)
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 1
    assert process.stdout.read() == "draining\n"
    assert "line 11 in <module>" in process.stderr.read()
