"""A partition: when a batch is ready, and that a position never passes an open record."""

import math

from hypothesis import given
from hypothesis import strategies as st

from headrace.errors import NotDone
from headrace.processing.outcomes import Outcomes
from headrace.runner.dispatch.batch import Batch
from headrace.runner.dispatch.dispatcher import Dispatcher
from headrace.runner.dispatch.obstacle import Obstacle, find_obstacle
from headrace.runner.dispatch.partition import Partition
from headrace.runner.settings import MappingSettings
from tests.support.partitions import Clock, Waits
from tests.support.runner import QUICK, kafka_record


def partition_of(window: float = 0.0, **settings) -> Partition:
    return Partition("orders-0", MappingSettings(**QUICK | settings), window)


def records(*offsets: int):
    return [kafka_record(offset) for offset in offsets]


def ready_at(partition: Partition) -> float:
    (group,) = partition.groups
    return partition.ready_at(group)


def take(partition: Partition, now: float) -> Batch:
    (group,) = partition.groups
    return partition.take(group, now)[0]


def finish(partition: Partition, now: float) -> None:
    (group,) = partition.groups
    group.batch.open = ()
    partition.settle(group, now, Waits())
    partition.commit(partition.done, partition.prefix.count)


def test_a_batch_waits_for_its_window_counted_from_its_first_record():
    partition = partition_of(window=0.5, batch_size=3)
    partition.append(records(1), 100.0)
    partition.append(records(2), 100.4)
    assert ready_at(partition) == 100.5


def test_a_full_batch_does_not_wait():
    partition = partition_of(window=0.5, batch_size=3)
    partition.append(records(1, 2, 3, 4), 100.0)
    assert ready_at(partition) == -math.inf


def test_the_window_of_the_next_batch_counts_from_its_own_first_record():
    partition = partition_of(window=0.5, batch_size=2)
    partition.append(records(1), 100.0)
    partition.append(records(2, 3), 100.3)
    take(partition, 100.3)
    finish(partition, 100.7)
    assert ready_at(partition) == 100.8


def test_one_batch_is_in_flight_at_a_time():
    partition = partition_of(batch_size=1)
    partition.append(records(1, 2), 100.0)
    take(partition, 100.0)
    assert ready_at(partition) == math.inf


def test_held_back_records_do_not_use_up_attempts():
    partition = partition_of()
    partition.append(records(1, 2), 100.0)
    batch = take(partition, 100.0)
    batch.learn(Outcomes(batch.open_records(), {0: ValueError(), 1: NotDone()}))
    assert {slot: known.failures for slot, known in batch.histories.items()} == {0: 1, 1: 0}


def test_lanes_are_served_in_the_order_in_which_they_became_ready():
    clock = Clock()
    dispatcher = Dispatcher(clock)
    busy, quiet = partition_of(batch_size=1), partition_of(window=0.25, batch_size=10)
    for partition in (busy, quiet):
        dispatcher.open(partition)
    dispatcher.add(quiet, records(1))
    dispatcher.add(busy, records(*range(100)))
    served = []
    for _ in range(10):
        taken = dispatcher.take()
        served.append(taken.turn.partition)
        taken.batch.open = ()
        dispatcher.settle(taken, Waits())
        clock.now += 0.0625  # exact in binary
        dispatcher.ledger.acknowledge(dispatcher.ledger.commits())
    assert quiet in served[:6]


def test_a_partition_that_has_an_end_to_come_is_not_idle():
    dispatcher = Dispatcher(Clock())
    partition = partition_of()
    dispatcher.open(partition)
    assert dispatcher.overview.state(partition).idle
    partition.has_end_to_come = True
    assert not dispatcher.overview.state(partition).idle
    assert not dispatcher.overview.demand().idle


def test_a_closed_lane_takes_and_moves_nothing():
    dispatcher = Dispatcher(Clock())
    partition = partition_of()
    dispatcher.open(partition)
    dispatcher.add(partition, records(1, 2))
    taken = dispatcher.take()
    dispatcher.close([partition])
    taken.batch.open = ()
    dispatcher.settle(taken, Waits())
    dispatcher.add(partition, records(3))
    assert dispatcher.ledger.commits() == {}
    assert dispatcher.overview.demand().idle


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
        partition = partition_of(batch_size=batch_size, uncommitted_batches=uncommitted)
        dispatcher.open(partition)
        left = [o for o in offsets if o > position]
        dispatcher.add(partition, records(*left))
        steps = data.draw(st.integers(0, 30), label="steps before the crash")
        for _ in range(steps):
            if (taken := dispatcher.take()) is not None:
                given_out = taken.batch.open_records()
                failed = data.draw(st.sets(st.sampled_from(range(len(given_out)))))
                delivered += [r.position.offset for r in given_out]
                done |= {r.position.offset for i, r in enumerate(given_out) if i not in failed}
                taken.batch.learn(Outcomes(given_out, {i: ValueError() for i in failed}))
                dispatcher.settle(taken, Waits())
                ahead = [o for o in done if o > position]
                assert len(ahead) <= batch_size * uncommitted
            elif not dispatcher.ledger.commits():
                break
            if data.draw(st.booleans(), label="commit acknowledged"):
                moved = dispatcher.ledger.commits()
                for commit in moved.values():
                    assert commit.position.offset >= position
                    position = commit.position.offset
                    assert all(o in done for o in offsets if o <= position)
                dispatcher.ledger.acknowledge(moved)
    assert list(dict.fromkeys(delivered)) == offsets[: len(set(delivered))]


def obstacle_after(partition: Partition, outcome) -> Obstacle | None:
    (group,) = partition.groups
    outcome(take(partition, 0.0))
    group.batch.count_try(2)
    partition.settle(group, 0.0, Waits())
    return find_obstacle(partition, group)


def test_an_obstacle_has_the_error_of_its_last_attempt():
    """A function that was out of reach was told of without a reason."""
    partition = partition_of(batch_size=2)
    partition.append(records(1, 2), 0.0)
    away, wrong = NotDone("out of reach"), ValueError("wrong")

    def attempted(batch):
        batch.learn(Outcomes(batch.open_records(), {0: wrong, 1: away}))

    assert obstacle_after(partition, lambda batch: batch.fail(away)).error is away
    assert obstacle_after(partition, attempted).error is wrong
    assert obstacle_after(partition, lambda batch: batch.fail(away)).error is away
    assert obstacle_after(partition, lambda batch: batch.fail(wrong)).error is wrong
