"""What a thread repeats ends with its context, and what is under way then is waited for."""

import threading
import time

from headrace.repeating import repeating
from tests.support.waiting import wait_until


def test_it_acts_again_and_again_and_no_more_afterwards():
    done = []
    with repeating(lambda: done.append(1), 0.001, "test"):
        wait_until(lambda: len(done) >= 3)
    count = len(done)
    time.sleep(0.02)
    assert len(done) == count


def test_what_is_under_way_at_the_end_is_waited_for():
    begun, done = threading.Event(), []

    def act():
        begun.set()
        time.sleep(0.1)
        done.append(1)

    with repeating(act, 0.001, "test"):
        assert begun.wait(10)
    assert done == [1]


def test_what_hangs_is_waited_for_no_longer_than_it_may():
    begun, go_on = threading.Event(), threading.Event()

    def act():
        begun.set()
        go_on.wait(30)

    at = time.monotonic()
    with repeating(act, 0.001, "test", patience=0.05):
        assert begun.wait(10)
    assert time.monotonic() - at < 10
    go_on.set()
