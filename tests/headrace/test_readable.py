"""Payloads in a log and on a terminal."""

import pytest

from headrace.readable import readable


@pytest.mark.parametrize(
    ("value", "shown"),
    [(b'{"a": 1}', {"a": 1}), (b"plain", "plain"), (b"\xff\x00", "\\xff\x00"), (None, None)],
)
def test_payloads_are_readable(value, shown):
    assert readable(value) == shown
