"""Which messages make a batch: any of a standard queue, none of a group that is in work."""

import math
from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from headrace.runner.sqs.waiting import Grouped, Unordered
from tests.support.sqs.leases import lease


def ids(leases):
    return [one.id for one in leases]


def test_the_oldest_go_first_and_at_once():
    waiting = Unordered(2, 0.0)
    for name in "abc":
        waiting.add(lease(name), 0.0)
    assert (ids(waiting.take()), ids(waiting.take()), waiting.ready_at()) == (
        ["a", "b"],
        ["c"],
        math.inf,
    )


def test_a_batch_waits_to_fill_from_its_first_message_on():
    waiting = Unordered(3, 5.0)
    waiting.add(lease("a"), 100.0)
    waiting.add(lease("b"), 104.0)
    assert waiting.ready_at() == 105.0
    waiting.add(lease("c"), 104.5)
    assert waiting.ready_at() == -math.inf
    waiting.take()
    waiting.add(lease("d"), 110.0)
    assert waiting.ready_at() == 115.0
    waiting.stop_waiting_to_fill()
    assert waiting.ready_at() == -math.inf


def test_a_batch_is_no_larger_than_an_event_may_be():
    waiting = Unordered(100, 60.0)
    for number in range(9):
        waiting.add(lease(str(number), body="x" * 900_000), 0.0)
    assert waiting.ready_at() == -math.inf  # more would not fit
    assert [len(waiting.take()), len(waiting.take())] == [6, 3]


def test_what_is_escaped_is_counted_as_it_is_written():
    waiting = Grouped(10)
    for number in range(3):
        waiting.add(lease(str(number), "a", body="\x01" * 600_000), 0.0)
    assert len(waiting.take()) == 1


def test_a_lost_lease_is_taken_by_nobody():
    waiting = Unordered(10, 0.0)
    leases = [lease(name) for name in "abc"]
    for one in leases:
        waiting.add(one, 0.0)
    assert waiting.lose(leases[1]) == []
    assert ids(waiting.take()) == ["a", "c"]


def test_of_a_group_what_comes_after_a_lost_lease_is_given_back():
    waiting = Grouped(10)
    leases = [lease(name, "a") for name in "abcd"]
    for one in leases:
        waiting.add(one, 0.0)
    assert ids(waiting.lose(leases[1])) == ["c", "d"]
    assert ids(waiting.take()) == ["a"]


def test_a_stop_gives_a_group_back_from_its_end():
    waiting = Grouped(10)
    for name in ("a1", "b1", "a2"):
        waiting.add(lease(name, name[0]), 0.0)
    assert ids(waiting.clear()) == ["a2", "a1", "b1"]
    assert len(waiting) == 0


steps = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.sampled_from("abc")),
        st.tuples(st.sampled_from(["take", "done", "fail"]), st.integers(0, 3)),
    ),
    max_size=60,
)


@given(steps, st.integers(1, 4))
def test_a_group_is_never_in_work_twice_and_never_out_of_order(script, size):
    waiting, in_work, last, count = Grouped(size), [], defaultdict(int), 0
    for step, choice in script:
        if step == "add":
            count += 1
            waiting.add(lease(f"{count}", choice), 0.0)
        elif step == "take" and waiting.ready_at() == -math.inf:
            batch = waiting.take()
            assert 0 < len(batch) <= size
            busy = {one.group for other in in_work for one in other}
            assert not busy & {one.group for one in batch}
            for one in batch:
                assert int(one.id) > last[one.group]
                last[one.group] = int(one.id)
            in_work.append(batch)
        elif step in {"done", "fail"} and in_work:
            batch = in_work.pop(choice % len(in_work))
            failed = {batch[0].id} if step == "fail" else set()
            behind = waiting.settle(batch, failed)
            assert {one.group for one in behind} <= {batch[0].group}
            assert step == "fail" or not behind
    while in_work:
        waiting.settle(in_work.pop(), set())
    while waiting.ready_at() == -math.inf:
        waiting.settle(waiting.take(), set())
    assert len(waiting) == 0
