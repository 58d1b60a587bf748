"""Child processes that end, or are ended: what it costs the batch, and that none is left."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from headrace.runner.function.errors import FunctionExited
from tests.support.function.children import children, noted, records, runs
from tests.support.waiting import wait_until

pytestmark = pytest.mark.slow(seconds=0.6)

ROOT = Path(__file__).parents[5]


@pytest.mark.parametrize(
    ("verb", "word"),
    [
        ("exit 3", "exit status 3"),
        ("exit 0", "exit status 0"),
        ("fork_and_exit 3", "exit status 3"),
        ("crash", "SIGSEGV"),
        ("signal SIGKILL", "SIGKILL; out of memory?"),
    ],
)
def test_a_process_that_ends_is_a_failed_attempt(verb, word, host):
    invoke = host()
    with pytest.raises(FunctionExited, match=word.replace("?", r"\?")):
        invoke(records("", verb))
    assert not invoke(records("")).failures


def test_an_exit_that_is_an_exception_is_the_failure_of_one_record(host):
    outcomes = host()(records("", "quit 4", ""))
    assert {i: str(error) for i, error in outcomes.failures.items()} == {1: "SystemExit: 4"}


def test_a_process_that_ended_between_two_batches_costs_no_attempt(host):
    invoke = host()
    (first,) = children()
    os.kill(first, signal.SIGKILL)
    os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)  # it can be reaped, and is not
    assert not invoke(records("")).failures


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_signals_to_stop_leave_a_running_batch_alone(name, host):
    assert not host()(records(f"signal {name}", f"signal {name}")).failures


def test_each_concurrent_batch_has_a_process_of_its_own_and_they_are_used_again(host, tmp_path):
    invoke = host()
    notes = tmp_path / "notes"

    def twice():
        for _ in range(2):
            invoke(records(f"note {notes}", "sleep 0.5"))

    threads = [threading.Thread(target=twice) for _ in range(2)]
    for thread in threads:
        thread.start()
    wait_until(lambda: not any(thread.is_alive() for thread in threads), 60)
    assert len(noted(notes)) == 4
    assert set(map(int, noted(notes))) == children()
    assert len(children()) == 2


def test_closing_lets_workers_close_and_leaves_no_process(host, monkeypatch, tmp_path):
    monkeypatch.setenv("HOSTED_NOTES", str(tmp_path / "notes"))
    invoke = host()
    invoke(records(""))
    invoke.close()
    assert noted(tmp_path / "notes") == ["closed"]
    assert not children()


def test_closing_kills_what_is_still_at_work(host, tmp_path):
    invoke = host(timeout=600)
    notes, ended = tmp_path / "notes", []

    def run():
        with pytest.raises(FunctionExited) as caught:
            invoke(records(f"note {notes}", "sleep 600"))
        ended.append(caught.value)

    thread = threading.Thread(target=run)
    thread.start()
    wait_until(lambda: noted(notes))
    invoke.close()
    thread.join(20)
    assert ended
    assert not children()


@pytest.mark.parametrize(("verb", "timeout"), [("sleep 600", 600), ("spin", 4)])
def test_children_end_with_their_parent(verb, timeout, tmp_path):
    """The runner is killed in the middle of a batch: another one may soon have its records.

    What never gives the interpreter up is ended at the deadline all the same.
    """
    notes = tmp_path / "notes"
    code = (
        "from tests.support.hosted import handler\n"
        "from tests.support.function.children import records\n"
        "from headrace.runner.function.open import open_invoker\n"
        "from headrace.runner.settings import MappingSettings\n"
        "invoke = open_invoker(handler, dict, MappingSettings("
        f"function_timeout_seconds={timeout}))\n"
        f"invoke(records('note {notes}', '{verb}'))"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT) as runner:
        wait_until(lambda: noted(notes), 60)
        (child,) = map(int, noted(notes))
        runner.kill()
    wait_until(lambda: not runs(child))
