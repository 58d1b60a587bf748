"""In whatever order a runner works, a failed key holds back no other, on a clock that is set."""

from unittest import mock

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky

from headrace.runner.dispatch.batch import Batch
from headrace.runner.dispatch.parking import Parking
from headrace.runner.dispatch.partition import Partition
from headrace.runner.settings import MappingSettings
from tests.support.partitions import offset
from tests.support.runner import QUICK
from tests.support.simulation.member import Member
from tests.support.simulation.schedules import SCHEDULES
from tests.support.simulation.world import World


@st.composite
def worlds(draw):
    """A world of one partition with some poison in it, a member that isolates, and the poison."""
    chosen = {
        "batch_size": draw(st.integers(1, 4)),
        "uncommitted_batches": draw(st.integers(1, 3)),
        "parallelization_factor": draw(st.integers(1, 3)),
        "records_ahead": draw(st.integers(1, 30)),
    }
    world = World(1, MappingSettings(**QUICK | chosen))
    member = Member(world, resumes=draw(st.booleans()))
    for key in draw(st.lists(st.sampled_from([b"a", b"b", b"c", b"d", None]), max_size=40)):
        world.history.produce(0, key, gap=0, passes=True)
    log = world.history.logs[0]
    poison = draw(st.sets(st.sampled_from(range(len(log))), max_size=3)) if log else set()
    return world, member, [log[place] for place in poison]


def _held_back(world, member, poison):
    """Let the poison fail for ever. Returns what must be done then, and is not."""
    history = world.history
    member.assign(0)
    for _ in range(30 + 4 * len(history.logs[0])):
        member.poll(100)
        while member.take():
            member.complete(0, lambda record: record in poison)
        member.flush()
        if member.answer:
            member.answer(True)
        world.time.now += 2.0
    s = world.settings
    window = s.uncommitted_batches * s.records_per_batch * s.parallelization_factor
    reach = history.committed[0] + max(window, s.records_ahead)
    keys = {record.key for record in poison if record.key is not None}
    return [
        record
        for record in history.logs[0]
        if offset(record) <= reach
        and record not in poison
        and not (
            record.key in keys
            and any(bad.key == record.key and offset(bad) < offset(record) for bad in poison)
        )
        and not history.is_done(record)
    ]


def worlds_with_poison(**more):
    """Try many. Raises what shows that a failed key holds back others."""

    @settings(
        max_examples=SCHEDULES, deadline=None, suppress_health_check=list(HealthCheck), **more
    )
    @given(worlds())
    def check(drawn):
        world, member, poison = drawn
        with mock.patch("headrace.runner.committer.time", world.time):
            assert _held_back(world, member, poison) == []

    check()


def test_a_failed_key_holds_back_no_other():
    worlds_with_poison()


def _behind_any_parked_key(self, slots):
    (holder, *_) = self._parked._chains
    for slot in slots:
        self._parked.follow(holder, slot)
    return []


HOLDING = {
    "a failed key holds back others": (
        Parking,
        "behind_parked",
        lambda _: _behind_any_parked_key,
    ),
    "a batch waits for its failed record": (
        Batch,
        "learn",
        lambda learn: lambda self, outcomes, isolate: learn(self, outcomes),
    ),
    "no record runs ahead": (Partition, "limit", lambda _: property(lambda self: self._ahead)),
}


@pytest.mark.parametrize("mutant", HOLDING)
def test_a_runner_that_holds_back_others_is_found_out(mutant, monkeypatch):
    place, name, change = HOLDING[mutant]
    monkeypatch.setattr(place, name, change(getattr(place, name)))
    with pytest.raises((AssertionError, Flaky)):
        worlds_with_poison(phases=[Phase.generate], database=None, report_multiple_bugs=False)
