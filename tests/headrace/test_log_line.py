"""A line of the log shows whatever it is given, and is never lost."""

import json
import math

import pytest

from headrace.log_line import log_line
from tests.support.json_values import BIG, nested


class Unspeakable:
    def __repr__(self):
        raise RuntimeError("no")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (b"\xff\x00", "\\xff\x00"),
        (BIG, BIG),
        ("half \ud83d", "half \ud83d"),
        ({1}, "{1}"),
        ({(1, 2): 3}, "{(1, 2): 3}"),
        (nested(300), nested(300)),
        (math.nan, None),
        ({"deep": nested(3), "bytes": b"x"}, {"deep": nested(3), "bytes": "x"}),
    ],
)
def test_a_log_line_shows_whatever_it_is_given(value, shown):
    text = log_line({"message": "m", "value": value})

    assert "\n" not in text
    assert json.loads(text) == {"message": "m", "value": shown}


@pytest.mark.parametrize("value", [nested(30_000), Unspeakable(), {"a": Unspeakable()}])
def test_a_log_line_is_never_lost(value):
    assert json.loads(log_line({"message": "m", "value": value}))["message"] == "m"


def test_what_a_log_line_can_only_show_as_python_does_is_shortened():
    assert len(log_line({"value": {(1, 2): "x" * 100_000}})) < 11_000
