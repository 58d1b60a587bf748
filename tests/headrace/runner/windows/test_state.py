"""The state of a tumbling window: it is carried on, and a failure leaves it alone."""

import pytest

from headrace.json_text import JsonError
from headrace.runner.protocol.response import BadResponse
from tests.support.windows import Counting, record, windows


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
