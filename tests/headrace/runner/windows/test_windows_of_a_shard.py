"""A mapping with tumbling windows: when one is closed, and what is committed meanwhile."""

import pytest

from headrace.errors import SettingsError
from headrace.log import logger
from headrace.runner.delivery.deliver import Deliverer
from headrace.runner.delivery.destination import FailureDestination
from headrace.runner.delivery.limits import RetryLimits
from headrace.runner.mapping import EventSourceMapping
from headrace.runner.monitoring.stats import Stats
from headrace.runner.protocol.events import event_of
from headrace.runner.settings import MappingSettings
from headrace.runner.stop import Stop
from headrace.runner.windows.open import open_windows
from headrace.runner.windows.poller import WindowPoller
from headrace.testing.memory_sink import MemorySink
from tests.support.delivery import ListPoller, letters
from tests.support.runner import QUICK
from tests.support.windows import BASE, SECONDS, SHARD, Counting, record, windows


class ShardPoller(ListPoller):
    """Feeds chunks of records; at the end of each, the shard has no more for now."""

    def __init__(self, *chunks) -> None:
        super().__init__(chunks[0])
        self.chunks = list(chunks[1:])
        self.is_caught_up = True
        self.looks = 0
        self.stop = Stop()

    def start(self, intake):
        self._intake = intake
        self._channel = intake.open(SHARD)

    def poll(self, wait):
        if not self._records and self.chunks and self._intake.state(self._channel).read:
            self._records = self.chunks.pop(0)
        super().poll(wait)
        self.looks += self.is_done()
        if self.looks > 5:  # all that was to come had its time
            self.stop.request()

    def caught_up(self, shard):
        return self.is_caught_up

    def numbers(self):
        return [int(position.sequence_number) - 1000 for position in self.commits]


def run(poller, function, *, events, sink=None, **settings):
    """Run until the function has had so many events."""
    invoke = windows(function)
    poller.is_done = lambda: len(function.events) >= events
    chosen = MappingSettings(**QUICK | settings)
    stats, log = Stats(), logger("test", "CRITICAL")
    limits = RetryLimits(chosen.retries("kinesis"), -1)
    deliverer = Deliverer(
        invoke,
        limits,
        FailureDestination(sink or MemorySink()),
        stats,
        log,
        isolate=False,
        bisect=chosen.bisect_batch_on_function_error,
        cuts=invoke.starts,
    )
    EventSourceMapping(
        chosen, WindowPoller(poller, invoke), deliverer, stats, poller.stop, log
    ).run()


@pytest.fixture
def clock(monkeypatch):
    """Sets the time, as windows see it, to so many seconds after BASE."""

    def set_to(second):
        monkeypatch.setattr(
            "headrace.runner.windows.windows.time.time_ns",
            lambda: int((BASE + second) * 1_000_000_000),
        )

    set_to(0)
    return set_to


def test_batches_never_span_windows(clock):
    function = Counting()
    poller = ShardPoller([record(n, 20 * n) for n in range(7)])
    run(poller, function, events=5)
    assert [told[:4] for told in function.told()] == [
        (3, 0, "04", False),
        (0, 3, "04", True),
        (3, 0, "05", False),
        (0, 3, "05", True),
        (1, 0, "06", False),
    ]


def test_the_position_stays_before_the_open_window(clock):
    poller = ShardPoller([record(n, 20 * n) for n in range(7)])
    run(poller, Counting(), events=5)
    assert poller.numbers()[-1] == 5  # the last of the window before


def test_a_window_that_is_over_is_closed_by_the_clock_and_committed(clock):
    function = Counting()
    poller = ShardPoller([record(1, 1), record(2, 2)])
    clock(SECONDS + 2.5)
    run(poller, function, events=2)
    assert [told[:4] for told in function.told()] == [(2, 0, "04", False), (0, 2, "04", True)]
    assert poller.numbers() == [2]


def test_the_clock_closes_no_window_whose_shard_has_more(clock):
    function = Counting()
    poller = ShardPoller([record(1, 1)])
    poller.is_caught_up = False
    clock(SECONDS + 2.5)
    run(poller, function, events=1)
    assert not any(event["isFinalInvokeForWindow"] for event in function.events)
    assert poller.commits == []


def test_what_a_restart_delivers_again_is_the_window_from_its_start(clock):
    """GIVEN a run that ended within a window, THEN the next one aggregates all of it."""
    records = [record(n, 25 * n) for n in range(5)]  # 0, 25, 50 | 75, 100
    first = ShardPoller(records)
    run(first, Counting(), events=3)
    (last,) = set(first.numbers()[-1:])
    assert last == 2
    function, second = Counting(), ShardPoller(records[last + 1 :])
    clock(2 * SECONDS + 2.5)
    run(second, function, events=2)
    assert function.told()[-1] == (0, 2, "05", True, False)


def test_poison_goes_to_the_destination_and_not_into_the_state(clock):
    function, sink = Counting(), MemorySink()
    records = [record(n, 20 * n, b"bad" if n == 1 else b"") for n in range(6)]
    poller = ShardPoller(records)
    clock(2 * SECONDS + 2.5)
    settings = {"bisect_batch_on_function_error": True, "maximum_retry_attempts": 0}
    run(poller, function, events=8, sink=sink, **settings)
    assert [letter.value for letter in letters(sink)] == [b"bad"]
    finals = [event for event in function.events if event["isFinalInvokeForWindow"]]
    assert [event["state"] for event in finals] == [{"count": 2}, {"count": 3}]


def test_a_held_up_window_counts_no_attempt_against_the_records_behind_it(clock):
    function, sink = Counting(fail=[False, True, True, True]), MemorySink()
    poller = ShardPoller([record(1, 1), record(2, 61)])
    run(poller, function, events=6, sink=sink, maximum_retry_attempts=0)
    assert sink.messages == []
    assert function.told()[-1][:4] == (1, 0, "05", False)


def test_windows_are_for_streams_of_shards():
    settings = MappingSettings(tumbling_window_in_seconds=1)
    with pytest.raises(SettingsError, match="TUMBLING_WINDOW"):
        open_windows(None, ListPoller([]), event_of, settings, "kafka")


def test_the_final_invocation_by_the_clock_is_tried_again(clock, monkeypatch):
    monkeypatch.setattr("headrace.runner.windows.windows._RETRY_SECONDS", 0.01)
    function = Counting(fail=[False, True, True])
    poller = ShardPoller([record(1, 1)])
    clock(SECONDS + 2.5)
    run(poller, function, events=4)
    assert [told[:2] for told in function.told()] == [(1, 0), (0, 1), (0, 1), (0, 1)]
    assert poller.numbers() == [1]
