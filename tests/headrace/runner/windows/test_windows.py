"""Tumbling windows: what the function is told, what it keeps, and what is committed meanwhile."""

import json
from contextlib import ExitStack

import pytest

from headrace.errors import SettingsError
from headrace.json_text import JsonError
from headrace.log import logger
from headrace.record import KinesisPosition, Record
from headrace.runner.delivery.deliver import Deliverer
from headrace.runner.delivery.destination import FailureDestination
from headrace.runner.delivery.limits import RetryLimits
from headrace.runner.function.aws_lambda import LambdaFunction
from headrace.runner.function.http import HttpFunction
from headrace.runner.mapping import EventSourceMapping
from headrace.runner.monitoring.stats import Stats
from headrace.runner.protocol.events import event_of
from headrace.runner.protocol.response import BadResponse
from headrace.runner.settings import MappingSettings
from headrace.runner.stop import Stop
from headrace.runner.windows.open import open_windows
from headrace.runner.windows.poller import WindowPoller
from headrace.runner.windows.windows import NotClosed, Windows
from headrace.testing.memory_sink import MemorySink
from tests.support.delivery import ListPoller, letters
from tests.support.function.lambda_api import NAME, Emulator, Service
from tests.support.runner import QUICK
from tests.support.waiting import wait_until

SHARD = "shardId-000000000000"
SECONDS = 60
BASE = 1_607_497_440  # 2020-12-09T07:04:00Z, a multiple of a minute


def record(number: int, second: float, value: bytes = b"") -> Record:
    """A record that arrived so many seconds after BASE."""
    position = KinesisPosition("clicks", SHARD, str(1000 + number))
    value = value or b"%d" % number
    return Record("kinesis", position, value, b"k", (), int((BASE + second) * 1000))


class Counting:
    """Counts records in its state, as the documentation's example does; notes its events."""

    def __init__(self, fail=()) -> None:
        self.events = []
        self.fail = list(fail)

    def __call__(self, event):
        self.events.append(event)
        if self.fail and self.fail.pop(0):
            raise ValueError("not now")
        if any(entry["kinesis"]["data"] == "YmFk" for entry in event["Records"]):
            raise ValueError("bad")
        return {"state": {"count": event["state"].get("count", 0) + len(event["Records"])}}

    def told(self):
        """Of each event: how many records, the state, and how it stands in its window."""
        return [
            (
                len(event["Records"]),
                event["state"].get("count", 0),
                event["window"]["start"][14:16],
                event["isFinalInvokeForWindow"],
                event["isWindowTerminatedEarly"],
            )
            for event in self.events
        ]


def windows(function, *, partial=False) -> Windows:
    return Windows(SECONDS, function, event_of, partial=partial)


def test_the_event_has_the_service_s_fields():
    function = Counting()
    invoke = windows(function)
    invoke([record(1, 35)])
    (event,) = function.events
    assert len(event.pop("Records")) == 1
    assert event == {
        "window": {"start": "2020-12-09T07:04:00Z", "end": "2020-12-09T07:05:00Z"},
        "state": {},
        "shardId": SHARD,
        "eventSourceARN": "arn:aws:kinesis:local:000000000000:stream/clicks",
        "isFinalInvokeForWindow": False,
        "isWindowTerminatedEarly": False,
    }


def test_state_is_carried_through_a_window_and_dropped_after_its_final_invocation():
    function = Counting()
    invoke = windows(function)
    for records in ([record(1, 1), record(2, 2)], [record(3, 59)], [record(4, 61)]):
        assert not invoke(records).failures
    assert function.told() == [
        (2, 0, "04", False, False),
        (1, 2, "04", False, False),
        (0, 3, "04", True, False),
        (1, 0, "05", False, False),
    ]


def test_a_response_without_state_is_a_failed_invocation_and_changes_nothing():
    responses = [{"state": {"count": 7}}, {}, None, {"state": None}, {"state": {}}]
    seen = []

    def function(event):
        seen.append(event["state"])
        return responses[len(seen) - 1]

    invoke = windows(function)
    invoke([record(1, 1)])
    for _ in range(3):
        with pytest.raises(BadResponse, match="state"):
            invoke([record(2, 2)])
    invoke([record(2, 2)])
    assert seen == [{}, {"count": 7}, {"count": 7}, {"count": 7}, {"count": 7}]


def test_half_a_surrogate_pair_may_stand_in_a_state():
    seen = []

    def function(event):
        seen.append(event["state"])
        return {"state": {"last": "cut\ud83d"}}

    invoke = windows(function)
    invoke([record(1, 1)])
    invoke([record(2, 2)])
    assert seen == [{}, {"last": "cut\ud83d"}]


def test_a_state_that_is_not_json_is_a_failed_invocation_and_changes_nothing():
    states = [{"sum": 1}, {"sum": float("nan")}, {"sum": 2}]
    seen = []

    def function(event):
        seen.append(event["state"])
        return {"state": states[len(seen) - 1]}

    invoke = windows(function)
    invoke([record(1, 1)])
    with pytest.raises(JsonError, match="NaN"):
        invoke([record(2, 2)])
    invoke([record(2, 2)])
    assert seen == [{}, {"sum": 1}, {"sum": 1}]


def test_a_state_over_its_limit_ends_the_window_early_and_the_same_one_goes_on():
    seen = []

    def function(event):
        seen.append((len(event["Records"]), event["isWindowTerminatedEarly"], len(event["state"])))
        return {"state": {"large": "x" * 1_100_000} if len(seen) == 1 else {"a": 1, "b": 2}}

    invoke = windows(function)
    for number in range(3):
        invoke([record(number, number)])
    assert seen == [(1, False, 0), (0, True, 1), (1, False, 0), (1, False, 2)]


def test_a_partial_response_is_read_beside_the_state():
    def function(event):
        return {"state": {}, "batchItemFailures": [{"itemIdentifier": "1002"}]}

    invoke = windows(function, partial=True)
    assert invoke([record(n, n) for n in range(4)]).failures.keys() == {2, 3}


def test_a_final_invocation_that_fails_holds_the_shard():
    """GIVEN it fails twice, THEN the next window's records are not delivered before it succeeds."""
    function = Counting(fail=[False, True, True])
    invoke = windows(function)
    invoke([record(1, 1)])
    for _ in range(2):
        with pytest.raises(NotClosed, match="not now"):
            invoke([record(2, 61)])
    invoke([record(2, 61)])
    assert [told[:4] for told in function.told()[1:]] == [
        (0, 1, "04", True),
        (0, 1, "04", True),
        (0, 1, "04", True),
        (1, 0, "05", False),
    ]


class Unspeakable(Exception):
    def __str__(self):
        raise ValueError("no words")


def test_a_window_that_cannot_be_closed_is_told_of_once_in_a_while(capsys, monkeypatch):
    """It was told each second, by an error without its type; one without words ended all."""
    monkeypatch.setattr("headrace.runner.windows.windows._RETRY_SECONDS", 0.01)
    finals = []

    def function(event):
        if event["isFinalInvokeForWindow"]:
            finals.append(event)
            raise Unspeakable
        return {"state": {}}

    invoke = windows(function)
    invoke([record(1, 1)])
    wait_until(lambda: invoke.close_due(lambda _: True) or len(finals) >= 3)

    (line,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert line["message"] == "window not closed: it is tried again"
    assert line["error"] == "window 2020-12-09T07:04:00Z: Unspeakable: <ValueError in its __str__>"
    assert "test_windows.py" in line["exception"]


@pytest.fixture(params=["in process", "runtime interface", "AWS Lambda"])
def reach(request, monkeypatch):
    """Makes a way to a function: in this process, or behind HTTP."""
    with ExitStack() as stack:

        def call(function):
            if request.param == "in process":
                return function
            api = Emulator if request.param == "runtime interface" else Service
            api = stack.enter_context(api(lambda event, context: function(event)))
            if isinstance(api, Emulator):
                return HttpFunction(api.url, 30, 1)
            for name, value in api.environment().items():
                monkeypatch.setenv(name, value)
            return LambdaFunction(NAME, 30, 1)

        yield call


def test_every_invoker_takes_windows(reach):
    function = Counting(fail=[False, True, False, True, False])
    invoke = windows(reach(function))
    invoke([record(1, 1)])
    with pytest.raises(Exception, match="not now"):
        invoke([record(2, 2)])
    invoke([record(2, 2)])
    with pytest.raises(NotClosed):
        invoke([record(3, 61)])
    invoke([record(3, 61)])
    assert function.told()[-2:] == [(0, 2, "04", True, False), (1, 0, "05", False, False)]
    invoke.close()


def test_where_windows_begin():
    seconds = [0, 59.999, 60, 61, 30, 200, 119]  # two came late
    assert windows(None).starts([record(n, s) for n, s in enumerate(seconds)]) == [2, 5]


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
