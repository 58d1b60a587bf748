"""What is held: a message that comes again while it is held is not worked on twice."""

from headrace.runner.sqs.caution import Caution
from headrace.runner.sqs.holdings import Holdings
from headrace.runner.sqs.pace import Pace
from headrace.runner.sqs.room import Room
from headrace.runner.sqs.waiting import Unordered
from headrace.testing.clock import VirtualClock
from tests.support.sqs.leases import lease


def holdings():
    return Holdings("queue", Unordered(10, 0.0), Room(100, 1_000_000, 10, Pace()))


def test_the_newer_receipt_of_a_message_counts_and_it_is_handed_out_once():
    held, first, again = holdings(), lease("m"), lease("m", deadline=60.0)
    again.message = {**again.message, "ReceiptHandle": "newer"}
    assert not held.known(first)
    held.add([first], work=True)
    assert held.known(again)
    assert held.take() == [first]
    assert (first.handle, first.deadline) == ("newer", again.deadline)
    assert held.known(lease("m"))  # while it is in work, and until it is deleted, too
    held.settle([first], set())
    held.finish([first])
    assert held.known(lease("m"))
    held.end([first], deleted=True)
    assert not held.known(lease("m"))


def test_what_is_done_is_known_until_it_is_deleted_even_if_its_lease_has_run_out():
    held, one, unwanted = holdings(), lease("m"), lease("passed over")
    held.add([one], work=True)
    held.add([unwanted], work=False)
    held.settle(held.take(), set())
    held.finish([one])
    for lost in (one, unwanted):  # the queue was away: neither extended nor deleted
        assert held.lose(lost) == []
        assert held.known(lease(lost.id))
        held.end([lost], deleted=True)
    assert held.is_empty()


def test_what_waits_is_forgotten_once_its_lease_has_run_out():
    held, one = holdings(), lease("m")
    held.add([one], work=True)
    held.lose(one)
    assert not held.known(lease("m"))
    assert not held.has_more()


def test_what_is_given_back_may_come_again_at_once():
    held, one = holdings(), lease("m")
    held.add([one], work=True)
    held.take()
    held.settle([one], {"m"})
    held.end([one])
    assert not held.known(lease("m"))


def test_nothing_is_taken_up_once_it_is_time_to_stop():
    held, one = holdings(), lease("m")
    held.add([one], work=True)
    assert held.stop() == [one]
    assert not held.add([lease("late")], work=True)
    with held.asking(10) as asked:
        assert (held.take(), asked.count) == ([], 0)


def test_one_message_is_asked_for_while_one_that_failed_may_come():
    clock = VirtualClock()
    caution = Caution(5.0, clock)
    caution.note(lease("plain"), 0)  # of a standard queue: nothing is behind it
    assert not caution.is_on()
    caution.note(lease("m", "a"), 30)
    assert not caution.is_on()
    clock.now = 26.0  # a request that begins now may wait until it is visible
    assert caution.is_on()
    caution.clear([lease("n", "a")])
    assert not caution.is_on()
