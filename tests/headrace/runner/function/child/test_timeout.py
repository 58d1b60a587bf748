"""A function with a timeout is hosted in a child process, and whatever it does, it can be ended."""

import time

import psutil
import pytest

from headrace.errors import NotDone
from headrace.runner.function.errors import FunctionTimeout
from headrace.runner.function.open import open_invoker
from headrace.runner.settings import MappingSettings
from tests.support import hosted
from tests.support.function.children import children, records, runs
from tests.support.runner import kafka_record
from tests.support.waiting import wait_until

pytestmark = pytest.mark.slow(seconds=0.6)

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
    wait_until(lambda: not runs(started))


def test_a_worker_that_minds_the_deadline_gives_partial_results_before(host, monkeypatch):
    monkeypatch.setenv("HEADRACE_DEADLINE_RESERVE_SECONDS", "2")
    outcomes = host(timeout=3)(records(*["sleep 0.4"] * 20))
    assert 0 < len(outcomes.failures) < 20
    assert all(isinstance(error, NotDone) for error in outcomes.failures.values())
