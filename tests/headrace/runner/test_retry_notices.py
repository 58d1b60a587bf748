"""What is said of a record that is tried again and again, and of settings that promise less."""

import pytest

from headrace import Worker, lambda_handler
from headrace.runner.circle import warn_of_a_circle
from headrace.runner.dispatch.obstacle import Obstacle
from headrace.runner.function.errors import Throttled
from headrace.runner.retry_notices import RetryNotices, what_ends
from headrace.runner.settings import MappingSettings
from headrace.runner.start_warnings import warn
from headrace.worker import WorkerSettings
from tests.support.partitions import Clock

LETTERS = {"dead_letter_url": "file:letters"}


class Lines:
    """A log that keeps its lines: (level, message, fields)."""

    def __init__(self) -> None:
        self.lines = []

    def warning(self, message, /, **fields):
        self.lines.append(("warning", message, fields))

    def error(self, message, /, **fields):
        self.lines.append(("error", message, fields))

    def messages(self) -> str:
        return "\n".join(message for _, message, _ in self.lines)


FAILED = KeyError("customer")


def obstacle(tries: int, *, stands_still: bool = False, error: Exception = FAILED) -> Obstacle:
    return Obstacle("orders-0@10", tries, error, 900, stands_still)


@pytest.fixture
def lines():
    return Lines()


def test_a_partition_is_told_of_at_once_and_then_at_growing_distances(lines):
    clock = Clock()
    notices = RetryNotices("never", lines, clock)
    told = []
    for second in range(200):
        notices.note("orders-0", obstacle(second + 1))
        if len(lines.lines) > len(told):
            told.append(second)
        clock.now += 1.0
    assert told == [0, 1, 3, 7, 15, 31, 63, 127]
    level, _, fields = lines.lines[-1]
    assert (level, fields["record"], fields["failed"]) == ("warning", "orders-0@10", 128)
    assert fields["error"] == "KeyError: 'customer'"
    assert fields["ends"] == "never"


def test_it_begins_anew_once_nothing_holds_the_partition_up(lines):
    notices = RetryNotices("never", lines, Clock())
    notices.note("orders-0", obstacle(1))
    notices.note("orders-0", obstacle(2))
    notices.note("orders-0", None)
    notices.note("orders-0", obstacle(1))
    assert len(lines.lines) == 2


def test_what_was_not_attempted_is_ended_by_no_number_of_retries(lines):
    away = obstacle(1, error=Throttled("http://h:1 is out of reach"))
    RetryNotices("after 10 retries", lines, Clock()).note("orders-0", away)
    _, _, fields = lines.lines[0]
    assert fields["error"] == "Throttled: http://h:1 is out of reach"
    assert fields["ends"] == "once it can be attempted: this was no attempt"


def test_a_partition_that_stands_still_is_an_error(lines):
    RetryNotices("never", lines, Clock()).note("orders-0", obstacle(7, stands_still=True))
    assert lines.lines[0][0] == "error"
    assert "stands still" in lines.lines[0][1]


@pytest.mark.parametrize(
    ("source", "settings", "ends"),
    [
        ("kafka", {}, "never; HEADRACE_DEAD_LETTER_URL"),
        ("kafka", LETTERS, "after 10 retries"),
        ("kafka", {"on_failure_url": "file:failed"}, "after 10 retries"),
        ("kafka", LETTERS | {"maximum_retry_attempts": -1}, "after 10 retries"),
        ("kafka", LETTERS | {"maximum_retry_attempts": 3}, "after 3 retries"),
        ("kinesis", LETTERS, "after 10 retries"),
        ("kinesis", LETTERS | {"maximum_retry_attempts": -1}, "never; HEADRACE_MAXIMUM_RETRY"),
        ("kafka", {"maximum_retry_attempts": -1}, "never; HEADRACE_DEAD_LETTER_URL"),
        ("kinesis", LETTERS | {"maximum_record_age_in_seconds": 60}, "or at an age of 60 s"),
    ],
)
def test_what_ends_the_attempts_at_a_record(source, settings, ends):
    assert ends in what_ends(MappingSettings(**settings), source)


class Quiet(Worker):
    def process(self, record):
        return None


def warned(lines, *, isolates=True, worker=None, **settings) -> str:
    handler = lambda_handler(Quiet).with_settings(WorkerSettings(**worker or {}))
    warn(MappingSettings(**settings), "kafka", handler, lines, isolates=isolates)
    return lines.messages()


def test_the_start_says_what_no_setting_promises(lines):
    said = warned(lines)
    assert "tried again without end" in said
    assert "no place for dead letters" in said
    assert "dropped" in said
    assert "whole batches" not in said


def test_the_start_says_nothing_where_all_is_set(lines):
    everything = {"sink_url": "stdout:", "dead_letter_url": "file:letters"}
    assert warned(lines, worker=everything, **LETTERS) == ""


def test_the_start_says_where_a_failure_holds_back_its_partition(lines):
    said = warned(lines, isolates=False, **LETTERS)
    assert "whole batches" in said
    assert "without end" not in said


@pytest.mark.parametrize(
    ("sink", "warns"),
    [
        ("kafka:///orders", True),
        ("kafka://h:9092/orders", True),
        ("kafka:///results", False),
        ("kafka://other:9092/orders", False),
        ("file:orders", False),
        (None, False),
    ],
)
def test_results_that_go_to_where_records_are_read_are_told_of(sink, warns, lines):
    """Each of them is a record of the same run, whose result is the next one."""
    handler = lambda_handler(Quiet).with_settings(WorkerSettings(sink_url=sink))
    reached = {"HEADRACE_BOOTSTRAP_SERVERS": "h:9092"}
    warn_of_a_circle(handler, "kafka:///orders", reached, lines)

    assert ("where records are read" in lines.messages()) == warns
