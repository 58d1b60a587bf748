"""A function of events in a child process: what it gets, raises and writes."""

import pytest

from headrace.runner.function.errors import FunctionError, FunctionTimeout
from tests.support import hosted
from tests.support.function.children import records

pytestmark = pytest.mark.slow(seconds=0.6)


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
