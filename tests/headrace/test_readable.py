"""Payloads in a log and on a terminal."""

import pytest

from headrace.readable import printable, readable


@pytest.mark.parametrize(
    ("value", "shown"),
    [(b'{"a": 1}', {"a": 1}), (b"plain", "plain"), (b"\xff\x00", "\\xff\x00"), (None, None)],
)
def test_payloads_are_readable(value, shown):
    assert readable(value) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Zürich 10 €", "Zürich 10 €"),
        ("\x1b[31mred", "\\u001b[31mred"),
        ("\x9b31m", "\\u009b31m"),
        ("a\nb", "a\\nb"),
        ("a\u202eb", "a\\u202eb"),
        ("\U000e0001", "\\udb40\\udc01"),
    ],
)
def test_control_characters_do_not_reach_a_terminal(text, shown):
    assert printable(text) == shown


def test_a_control_character_may_be_meant():
    assert printable("a\nb\x1b", keep="\n") == "a\nb\\u001b"
