"""Tumbling windows: what the function is told, in this process or elsewhere, and how one ends."""

import json
from contextlib import ExitStack

import pytest

from headrace.runner.function.aws_lambda import LambdaFunction
from headrace.runner.function.http import HttpFunction
from headrace.runner.windows.windows import NotClosed
from tests.support.function.lambda_api import NAME, Emulator, Service
from tests.support.waiting import wait_until
from tests.support.windows import SHARD, Counting, record, windows


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
