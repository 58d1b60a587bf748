"""A function with a timeout is hosted in child processes, and whatever it does, it can be ended."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from headrace.errors import HeadraceError, NotDone, SettingsError
from headrace.runner.function.errors import FunctionError, FunctionExited, FunctionTimeout
from headrace.runner.function.open import open_invoker
from headrace.runner.protocol.events import kafka_event
from headrace.runner.settings import MappingSettings
from tests.support import hosted
from tests.support.runner import kafka_record
from tests.support.waiting import wait_until

pytestmark = pytest.mark.slow(seconds=0.6)

ROOT = Path(__file__).parents[5]


def records(*values, key=None):
    return [
        kafka_record(offset, value.encode(), key, timestamp=1)
        for offset, value in enumerate(values)
    ]


@pytest.fixture
def host():
    """Opens invokers with a timeout (seconds), and closes them."""
    opened = []

    def start(function=hosted.handler, timeout=30, **settings):
        chosen = MappingSettings(function_timeout_seconds=timeout, **settings)
        opened.append(open_invoker(function, lambda batch: kafka_event(batch, "h:1"), chosen))
        return opened[-1]

    yield start
    for invoke in opened:
        invoke.close()


_others: set[int] = set()  # what other tests have started, such as brokers


@pytest.fixture(autouse=True)
def _apart_from_others():
    _others.clear()
    _others.update(child.pid for child in psutil.Process().children())


def children():
    return {child.pid for child in psutil.Process().children()} - _others


def noted(path):
    return path.read_text().split() if path.exists() else []


CASES = {
    "all well": records("", "", ""),
    "one fails, its key is held back": records("", "fail no", "", key=b"k"),
    "several fail": records("fail a", "", "fail b", ""),
    "rejected without a sink": records("", "reject why", ""),
    "a text that is not Unicode": records("surrogate", ""),
    "a tombstone": [kafka_record(0, None, b"k", headers=(("h", b"\xff"),), timestamp=None)],
    "none": [],
}


@pytest.mark.parametrize("case", CASES)
def test_the_outcomes_are_those_of_the_same_worker_in_this_process(case, host):
    def in_words(outcomes):
        return {
            index: (type(error).__name__, str(error).encode(errors="backslashreplace").decode())
            for index, error in outcomes.failures.items()
        }, outcomes.rejected

    here = open_invoker(hosted.handler, lambda batch: {}, MappingSettings())
    in_this_process, in_a_child = here(CASES[case]), host()(CASES[case])
    assert in_words(in_a_child) == in_words(in_this_process)
    for index, error in in_this_process.failures.items():
        assert isinstance(in_a_child.failures[index], NotDone) == isinstance(error, NotDone)


def test_a_reject_keeps_its_status_and_its_errors(host):
    (error,) = host()(records("reject why")).failures.values()
    assert (error.detail, error.status) == ("why", 422)
    assert error.errors == ({"field": "why"}, str(object))


def test_rejects_that_a_dead_letter_sink_took_are_counted(host, monkeypatch, tmp_path):
    monkeypatch.setenv("HEADRACE_DEAD_LETTER_URL", f"file:{tmp_path}/letters")
    outcomes = host()(records("", "reject a", "reject b"))
    assert outcomes.rejected == {1: "a", 2: "b"}
    assert not outcomes.failures


@pytest.mark.parametrize("verb", ["sleep 600", "spin"])
def test_a_function_that_hangs_is_ended_and_replaced(verb, host, capfd):
    invoke = host(timeout=1.5)
    (first,) = children()
    begun = time.monotonic()
    with pytest.raises(FunctionTimeout, match=r"not done within 1\.5 s"):
        invoke(records(verb))
    assert 1.4 < time.monotonic() - begun < 15
    assert not psutil.pid_exists(first)
    assert f"in _{verb.split()[0]}" in capfd.readouterr().err  # where it hung
    assert not invoke(records("", "")).failures
    assert len(children()) == 1


def test_a_process_that_is_stopped_is_killed(host):
    invoke = host(timeout=1.5)
    with pytest.raises(FunctionTimeout):
        invoke(records("signal SIGSTOP"))
    assert not invoke(records("")).failures


def test_what_a_function_has_started_ends_with_it(host, tmp_path):
    invoke = host(timeout=2)
    with pytest.raises(FunctionTimeout):
        invoke(records(f"start {tmp_path}/pid"))
    started = int((tmp_path / "pid").read_text())
    wait_until(lambda: not _runs(started))


def _runs(pid):
    # Its parent is gone: whoever adopted it may leave it a zombie.
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_a_worker_that_minds_the_deadline_gives_partial_results_before(host, monkeypatch):
    monkeypatch.setenv("HEADRACE_DEADLINE_RESERVE_SECONDS", "2")
    outcomes = host(timeout=3)(records(*["sleep 0.4"] * 20))
    assert 0 < len(outcomes.failures) < 20
    assert all(isinstance(error, NotDone) for error in outcomes.failures.values())


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
        "from tests.headrace.runner.function.child.test_timeout import records\n"
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
    wait_until(lambda: not _runs(child))


def test_a_worker_that_cannot_start_ends_the_start(host, monkeypatch):
    monkeypatch.setenv("HOSTED_SETUP", "no model")
    with pytest.raises(HeadraceError, match=r"cannot start: .*no model"):
        host()
    assert not children()


def test_a_process_that_ends_while_it_starts_ends_the_start(host, monkeypatch):
    monkeypatch.setenv("HOSTED_SETUP", "exit")
    with pytest.raises(FunctionExited, match="exit status 9"):
        host()
    assert not children()


def test_a_function_that_no_other_process_can_import_ends_the_start(host):
    with pytest.raises(SettingsError, match="HEADRACE_FUNCTION_TIMEOUT_SECONDS"):
        host(lambda event, context: None)


def test_a_timeout_without_time_to_work_in_ends_the_start(host, monkeypatch):
    monkeypatch.setenv("HEADRACE_DEADLINE_RESERVE_SECONDS", "2")
    with pytest.raises(
        SettingsError, match=r"HEADRACE_FUNCTION_TIMEOUT_SECONDS=2 .*RESERVE_SECONDS=2"
    ):
        host(timeout=2)


def test_without_a_timeout_there_is_no_child():
    invoke = open_invoker(hosted.handler, lambda batch: {}, MappingSettings())
    assert invoke(records("")).results == [os.getpid()]
    assert not children()


def test_a_function_of_events_gets_event_and_context(host):
    invoke = host(hosted.partial, report_batch_item_failures=True)
    assert invoke(records(*[""] * 5)).failures.keys() == {3, 4}


def test_a_worker_gets_events_where_the_mapping_says_so(host, monkeypatch):
    monkeypatch.setenv("HEADRACE_REPORT_BATCH_ITEM_FAILURES", "true")
    invoke = host(invoke="event", report_batch_item_failures=True)
    assert invoke(records("", "fail no", "")).failures.keys() == {1, 2}


def test_what_a_function_of_events_raises_keeps_its_name(host):
    with pytest.raises(FunctionError, match="only here") as caught:
        host(hosted.failing)(records(""))
    assert type(caught.value).__name__ == "Local"


def test_a_function_of_events_that_hangs_is_ended(host):
    with pytest.raises(FunctionTimeout):
        host(hosted.hanging, timeout=0.5)(records(""))


def test_what_a_function_writes_comes_out_of_the_runner(host, capfd):
    host(hosted.printing)(records(""))
    assert "a line of the function" in capfd.readouterr().out
