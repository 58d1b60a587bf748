"""A lane: when a batch is ready, and that a position never passes an open record."""

import math

from hypothesis import given
from hypothesis import strategies as st

from headrace.errors import NotDone
from headrace.processing.outcomes import Outcomes
from headrace.runner.dispatch.batch import Batch
from headrace.runner.dispatch.dispatcher import Dispatcher
from headrace.runner.dispatch.partition import Lane
from headrace.runner.settings import MappingSettings
from tests.support.lanes import Clock
from tests.support.runner import QUICK, kafka_record


def lane_of(window: float = 0.0, **settings) -> Lane:
    return Lane("orders-0", MappingSettings(**QUICK | settings), window)


def records(*offsets: int):
    return [kafka_record(offset) for offset in offsets]


def ready_at(lane: Lane) -> float:
    (strand,) = lane.strands
    return lane.ready_at(strand)


def take(lane: Lane, now: float) -> Batch:
    (strand,) = lane.strands
    return lane.take(strand, now)


def finish(lane: Lane, now: float) -> None:
    (strand,) = lane.strands
    strand.batch.open = ()
    lane.settle(strand, now, retry_at=now)
    lane.commit(lane.done, lane.prefix.count)


def test_a_batch_waits_for_its_window_counted_from_its_first_record():
    lane = lane_of(window=0.5, batch_size=3)
    lane.feed(records(1), 100.0)
    lane.feed(records(2), 100.4)
    assert ready_at(lane) == 100.5


def test_a_full_batch_does_not_wait():
    lane = lane_of(window=0.5, batch_size=3)
    lane.feed(records(1, 2, 3, 4), 100.0)
    assert ready_at(lane) == -math.inf


def test_the_window_of_the_next_batch_counts_from_its_own_first_record():
    lane = lane_of(window=0.5, batch_size=2)
    lane.feed(records(1), 100.0)
    lane.feed(records(2, 3), 100.3)
    take(lane, 100.3)
    finish(lane, 100.7)
    assert ready_at(lane) == 100.8


def test_one_batch_is_in_flight_at_a_time():
    lane = lane_of(batch_size=1)
    lane.feed(records(1, 2), 100.0)
    take(lane, 100.0)
    assert ready_at(lane) == math.inf


def test_held_back_records_do_not_use_up_attempts():
    lane = lane_of()
    lane.feed(records(1, 2), 100.0)
    batch = take(lane, 100.0)
    batch.learn(Outcomes(batch.open_records(), {0: ValueError(), 1: NotDone()}))
    assert batch.attempts == {0: 1}


def test_lanes_are_served_in_the_order_in_which_they_became_ready():
    clock = Clock()
    dispatcher = Dispatcher(clock)
    busy, quiet = lane_of(batch_size=1), lane_of(window=0.25, batch_size=10)
    for lane in (busy, quiet):
        dispatcher.open(lane)
    dispatcher.feed(quiet, records(1))
    dispatcher.feed(busy, records(*range(100)))
    served = []
    for _ in range(10):
        strand, batch = dispatcher.take()
        served.append(strand.lane)
        batch.open = ()
        dispatcher.settle(strand, batch, lambda tries: 0.0)
        clock.now += 0.0625  # exact in binary
        dispatcher.committed(dispatcher.uncommitted())
    assert quiet in served[:6]


def test_a_lane_that_is_held_is_not_idle():
    dispatcher = Dispatcher(Clock())
    lane = lane_of()
    dispatcher.open(lane)
    assert dispatcher.is_idle(lane)
    lane.held = True
    assert not dispatcher.is_idle(lane)
    assert not dispatcher.idle()


def test_a_closed_lane_takes_and_moves_nothing():
    dispatcher = Dispatcher(Clock())
    lane = lane_of()
    dispatcher.open(lane)
    dispatcher.feed(lane, records(1, 2))
    strand, batch = dispatcher.take()
    dispatcher.close([lane])
    batch.open = ()
    dispatcher.settle(strand, batch, lambda tries: 0.0)
    dispatcher.feed(lane, records(3))
    assert dispatcher.uncommitted() == {}
    assert dispatcher.idle()


@given(
    gaps=st.lists(st.integers(1, 5), min_size=1, max_size=40),
    batch_size=st.integers(1, 7),
    uncommitted=st.integers(1, 3),
    data=st.data(),
)
def test_committed_positions_are_monotone_never_pass_an_open_record_and_lose_nothing(
    gaps, batch_size, uncommitted, data
):
    """Any failures, any lag of the commits, and a crash after which all begins at the commit."""
    offsets, offset = [], 0
    for gap in gaps:
        offset += gap
        offsets.append(offset)
    position, done, delivered = -1, set(), []
    for _ in range(data.draw(st.integers(0, 3), label="crashes") + 1):
        dispatcher = Dispatcher(Clock())
        lane = lane_of(batch_size=batch_size, uncommitted_batches=uncommitted)
        dispatcher.open(lane)
        left = [o for o in offsets if o > position]
        dispatcher.feed(lane, records(*left))
        steps = data.draw(st.integers(0, 30), label="steps before the crash")
        for _ in range(steps):
            if (taken := dispatcher.take()) is not None:
                strand, batch = taken
                given_out = batch.open_records()
                failed = data.draw(st.sets(st.sampled_from(range(len(given_out)))))
                delivered += [r.position.offset for r in given_out]
                done |= {r.position.offset for i, r in enumerate(given_out) if i not in failed}
                batch.learn(Outcomes(given_out, {i: ValueError() for i in failed}))
                dispatcher.settle(strand, batch, lambda tries: 0.0)
                ahead = [o for o in done if o > position]
                assert len(ahead) <= batch_size * uncommitted
            elif not dispatcher.uncommitted():
                break
            if data.draw(st.booleans(), label="commit acknowledged"):
                moved = dispatcher.uncommitted()
                for record, _ in moved.values():
                    assert record.position.offset >= position
                    position = record.position.offset
                    assert all(o in done for o in offsets if o <= position)
                dispatcher.committed(moved)
    assert list(dict.fromkeys(delivered)) == offsets[: len(set(delivered))]
