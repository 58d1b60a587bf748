"""How many messages are asked for: bounded by number, by bytes, and by what the function takes."""

from headrace.runner.sqs.pace import Pace
from headrace.runner.sqs.room import Asked, Room
from headrace.testing.clock import VirtualClock
from tests.support.sqs.leases import lease


def room(messages=100, size=64_000_000, batches=1000, clock=None):
    return Room(messages, size, batches, Pace(clock or VirtualClock()))


def answer(asked, size, messages):
    return Asked(asked, [lease("m", body="x" * size)] * messages)


def test_the_number_of_leases_is_bounded():
    given = room(messages=25)
    assert [given.ask(0), given.ask(0), given.ask(0)] == [10, 10, 0]
    given.answered(answer(10, 1, 4))
    for _ in range(4):
        given.add(lease("m", body="x"))
    assert given.ask(0) == 10
    assert room(messages=3).ask(0) == 3


def test_bytes_are_bounded_once_sizes_are_known():
    given = room(size=5_000_000)
    assert given.ask(0) == 10
    given.answered(answer(10, 900_000, 3))
    for _ in range(3):
        given.add(lease("m", body="x" * 900_000))
    assert [given.ask(0), given.ask(0)] == [2, 0]
    given.answered(answer(2, 10, 2))  # the mean follows slowly if messages get smaller
    assert given.ask(0) == 5


def test_a_message_that_is_larger_than_all_that_may_be_held_comes_alone():
    given = room(size=500_000)
    given.answered(answer(given.ask(0), 900_000, 1))
    assert given.ask(0) == 1
    given.answered(answer(1, 900_000, 1))
    given.add(lease("m", body="x" * 900_000))
    assert given.ask(0) == 0


def test_no_more_waits_than_the_function_takes():
    clock = VirtualClock()
    given = room(batches=10, clock=clock)
    assert given.ask(9) == 10
    given.answered(answer(10, 1, 10))
    assert given.ask(10) == 0
    given.took(40)
    assert given.ask(39) == 10
    given.answered(answer(10, 1, 10))
    clock.now += 3.0
    assert given.ask(10) == 0
