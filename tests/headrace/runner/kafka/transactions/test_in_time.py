"""What does not come back is left to itself."""

import threading

import pytest

from headrace.runner.kafka.transactions.in_time import in_time


def test_what_comes_back_in_time_is_done():
    done = []
    assert in_time(lambda: done.append(1), 60)
    assert done == [1]


def test_what_it_raises_is_raised():
    with pytest.raises(ZeroDivisionError):
        in_time(lambda: 1 / 0, 60)


def test_what_does_not_come_back_is_not_waited_for():
    comes_back = threading.Event()
    assert not in_time(lambda: comes_back.wait(60), 0.05)
    comes_back.set()
