"""What travels between the runner and a child: all that JSON can say, and no more than it must."""

import os
import time

import psutil
import pytest

from headrace import Reject
from headrace.runner.function.child.invoke import HostedFunction
from headrace.runner.function.child.wire import (
    CallWithEvent,
    Response,
    decode_answer,
    decode_request,
    describe,
    encode,
    restore,
    with_deadline,
)
from tests.support import hosted

LARGE = 10**30
HALF = "abc\ud83d"  # half of a surrogate pair, as JSON may hold it


@pytest.fixture
def echo():
    function = HostedFunction(hosted.echo, 30)
    yield function
    function.close()


@pytest.mark.parametrize("value", [1, LARGE, -LARGE, HALF, {"a": [LARGE, HALF, None]}, {HALF: 1}])
def test_an_event_and_its_answer_travel_as_they_are(echo, value):
    assert echo(value) == value


def test_what_cannot_be_said_costs_no_process(echo):
    endless = []
    endless.append(endless)
    before = children()
    with pytest.raises(RecursionError):
        echo({"a": endless})
    assert children() == before
    assert echo(1) == 1


def children():
    return {child.pid for child in psutil.Process(os.getpid()).children()}


@pytest.mark.parametrize("error", [LARGE, HALF, {"field": LARGE}])
def test_a_reject_travels_whatever_its_errors_are(error):
    answer = decode_answer(encode(describe(Reject("no", status=422, errors=[error]))))
    rejected = restore(answer)
    assert (rejected.detail, rejected.status, len(rejected.errors)) == ("no", 422, 1)


def test_the_deadline_travels_beside_the_request():
    deadline = time.monotonic() + 5
    request, found = decode_request(with_deadline(encode(CallWithEvent({"a": 1})), deadline))
    assert (request.event, found) == ({"a": 1}, deadline)


def test_a_response_that_is_not_json_becomes_text():
    assert decode_answer(encode(Response({"a": object, "b": LARGE}))).value["b"] == LARGE
