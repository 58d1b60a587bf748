"""What an in-memory topic refuses: what a run would refuse, and what has no place in it."""

import pytest

from headrace import WindowWorker, Worker
from headrace.errors import SettingsError, WorkerError
from headrace.testing import StreamRun
from tests.support.orders import Orders


@pytest.mark.parametrize(
    "setting", ["function", "function_timeout_seconds", "http_port", "processes"]
)
def test_what_has_no_place_in_memory_is_refused(setting):
    with pytest.raises(TypeError, match=f"{setting} has no place in a StreamRun"):
        StreamRun(Orders, **{setting: 1})


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"maximum_record_age_in_seconds": 30}, "must be -1 or at least 60"),
        ({"starting_position": "AT_TIMESTAMP"}, "go together"),
        ({"retry_backoff_seconds": 60}, "more than HEADRACE_RETRY_BACKOFF_MAX_SECONDS"),
        ({"dead_letters": False, "maximum_retry_attempts": 2}, "must go somewhere"),
    ],
)
def test_what_a_run_would_refuse_is_refused(settings, told):
    with pytest.raises(SettingsError, match=told):
        StreamRun(Orders, **settings)


@pytest.mark.parametrize("handler", [5, "orders", Orders()])
def test_what_is_no_handler_is_refused(handler):
    with pytest.raises(TypeError, match="is neither a worker's class nor a function"):
        StreamRun(handler)


def test_a_worker_that_a_run_would_refuse_is_refused():
    without = type("Typo", (Worker,), {"proces": lambda self, record: None})
    short = type("Short", (Worker,), {"process": lambda self: None})
    for kind, told in ((without, "is proces meant to be it"), (short, "with one argument")):
        with pytest.raises(WorkerError, match=told):
            StreamRun(kind)


def test_a_worker_for_windows_is_refused():
    class Counts(WindowWorker):
        def add(self, state, record):
            return (state or 0) + 1

    with pytest.raises(TypeError, match="Counts is for tumbling windows, which no topic has"):
        StreamRun(Counts)


def test_a_partition_that_is_not_there_is_refused():
    run = StreamRun(Orders, partitions=2)
    for use in (lambda n: run.produce([1], partition=n), run.lose, run.revoke, run.assign):
        with pytest.raises(ValueError, match="no partition 2: the topic's are from 0 to 1"):
            use(2)
    with pytest.raises(ValueError, match="a partition at least, not 0"):
        StreamRun(Orders, partitions=0)
