"""Threads that wait for news."""

import threading

import pytest

from headrace.runner.dispatch.bell import Bell
from tests.support.waiting import wait_until


class Waiters:
    """Threads that wait for one bell, and those that were woken."""

    def __init__(self, count: int) -> None:
        self.lock = threading.Lock()
        self.bell = Bell(self.lock)
        self.arrived, self.woken = [], []
        self._threads = [threading.Thread(target=self._wait, args=(n,)) for n in range(count)]
        for thread in self._threads:
            thread.start()
        wait_until(lambda: len(self.arrived) == count)

    def _wait(self, number: int) -> None:
        with self.lock:
            self.arrived.append(number)
            self.bell.wait(10)
            self.woken.append(number)

    def ring(self, ring) -> None:
        """Ring with the lock held: who arrived waits by then."""
        with self.lock:
            ring()

    def end(self) -> None:
        """Wait for the threads to be over."""
        for thread in self._threads:
            thread.join(5)
        assert not any(thread.is_alive() for thread in self._threads)


def test_one_ring_wakes_one_of_those_that_wait():
    waiters = Waiters(3)
    for count in (1, 2, 3):
        waiters.ring(waiters.bell.ring)
        wait_until(lambda count=count: len(waiters.woken) == count)
    waiters.end()


def test_one_can_wake_all():
    waiters = Waiters(3)
    waiters.ring(waiters.bell.ring_all)
    waiters.end()
    assert sorted(waiters.woken) == [0, 1, 2]


@pytest.mark.parametrize("ring", ["ring", "ring_all"])
def test_a_ring_that_nobody_waits_for_wakes_nobody_later(ring):
    lock = threading.Lock()
    bell = Bell(lock)
    with lock:
        getattr(bell, ring)()
        assert not bell.wait_for(lambda: False, 0.01)


def test_who_gave_up_waiting_is_not_counted():
    """GIVEN a wait that ended by itself, THEN the next ring still reaches the next one."""
    waiters = Waiters(1)
    waiters.ring(lambda: waiters.bell.wait(0))  # gives up at once, beside the one that waits
    waiters.ring(waiters.bell.ring)
    waiters.end()
