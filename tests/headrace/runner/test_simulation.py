"""Random schedules of everything that can happen to a runner, on a clock that is set.

`SOAK` says how many schedules to try; without it, a few hundred, the same ones each time.
"""

import itertools
import math
import os
import random
from unittest import mock

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from headrace.runner.delivery.destination import FailureDestination
from headrace.runner.dispatch import spread
from headrace.runner.dispatch.batch import Batch
from headrace.runner.dispatch.dispatcher import Dispatcher
from headrace.runner.dispatch.done_prefix import DonePrefix
from headrace.runner.dispatch.key_group import KeyGroup
from headrace.runner.dispatch.parked_keys import ParkedKeys
from headrace.runner.dispatch.parking import Parking
from headrace.runner.dispatch.partition import Partition
from headrace.runner.dispatch.pending import Pending
from headrace.runner.dispatch.stride import Attempted
from headrace.runner.settings import MappingSettings
from tests.support.partitions import offset
from tests.support.runner import QUICK
from tests.support.simulation.world import NONE, Member, World

SCHEDULES = int(os.environ.get("SOAK", "300"))
MEMBERS, PARTITIONS = 2, 2

members = st.integers(0, MEMBERS - 1)
seeds = st.integers(0, 10_000)
failures = st.sampled_from([NONE, NONE, frozenset({0}), frozenset({1}), frozenset({0, 2}), None])


class Runner(RuleBasedStateMachine):
    """Two runners of one group on two partitions."""

    @initialize(
        batch_size=st.integers(1, 4),
        uncommitted=st.integers(1, 3),
        factor=st.integers(1, 3),
        retries=st.sampled_from([-1, 0, 1]),
        window=st.sampled_from([0.0, 0.5]),
        ahead=st.integers(1, 20),
        kind=st.fixed_dictionaries(
            {
                "waits_for_commits": st.booleans(),
                "bisects": st.booleans(),
                "isolates": st.booleans(),
                "resumes": st.booleans(),
            }
        ),
        seed=seeds,
    )
    def begin(self, batch_size, uncommitted, factor, retries, window, ahead, kind, seed):
        chosen = MappingSettings(
            **QUICK
            | {
                "batch_size": batch_size,
                "uncommitted_batches": uncommitted,
                "parallelization_factor": factor,
                "maximum_retry_attempts": retries,
                "maximum_batching_window_in_seconds": window,
                "records_ahead": ahead,
            }
        )
        self.world = World(PARTITIONS, chosen)
        self.patch = mock.patch("headrace.runner.committer.time", self.world.time)
        self.patch.start()
        self.kind = kind
        self.members = [Member(self.world, **self.kind) for _ in range(MEMBERS)]
        for partition in range(PARTITIONS):
            self.members[partition % MEMBERS].assign(partition)
        self._produce(seed)

    @rule(seed=seeds)
    def produce(self, seed):
        self._produce(seed)

    def _produce(self, seed):
        """Up to a dozen records for each partition: keys, a few without; gaps; some filtered."""
        chance = random.Random(seed)
        for partition in range(PARTITIONS):
            for _ in range(chance.randrange(12)):
                key = chance.choice([b"a", b"b", b"c", b"d", b"e", None])
                gap, passes = chance.choice([0, 0, 0, 2]), chance.random() < chance.random() + 0.5
                self.world.history.produce(partition, key, gap=gap, passes=passes)

    @rule(most=st.integers(1, 12), times=st.integers(1, 3))
    def poll_and_take(self, most, times):
        for member in self.members:
            member.poll(most)
            for _ in range(times):
                member.take()

    @precondition(lambda self: any(member.out for member in self.members))
    @rule(which=st.integers(0, 5), failed=failures)
    def complete(self, which, failed):
        busy = [member for member in self.members if member.out]
        busy[which % len(busy)].complete(which, failed)

    @rule(most=st.integers(1, 12), failed=failures)
    def poll_and_handle(self, most, failed):
        """Some of what is ready is handled at once; the first of it badly."""
        for member in self.members:
            member.poll(most)
            for _ in range(most):
                if member.take():
                    member.complete(-1, failed)
                    failed = NONE

    @rule(seconds=st.sampled_from([0.01, 0.1, 0.5, 1.5]))
    def pass_time(self, seconds):
        self.world.time.now += seconds
        for member in self.members:
            member.flush()

    @precondition(lambda self: any(member.answer for member in self.members))
    @rule(heard=st.booleans())
    def answer(self, heard):
        for member in self.members:
            if member.answer:
                member.answer(heard)

    @rule(
        kind=st.sampled_from(["revoke", "lose", "crash", "no commits", "no letters", "heal"]),
        which=st.integers(0, 1),
        drained=st.integers(0, 3),
        heir=members,
    )
    def disturb(self, kind, which, drained, heir):
        world, owner = self.world, self.world.owners[which]
        if kind == "revoke" and owner is not None:
            owner.revoke(which, drained)
        elif kind == "lose" and owner is not None:
            owner.lose(which)
        elif kind == "crash":
            self.members[which].crash()
            self.members[which] = Member(world, **self.kind)
        elif kind == "no commits":
            world.refuses_commits = True
        elif kind == "no letters":
            world.refuses_letters = True
        elif kind == "heal":
            world.refuses_commits = world.refuses_letters = False
        if None in world.owners:
            self.members[heir].assign(world.owners.index(None))

    @invariant()
    def nothing_is_broken(self):
        if self.world.broken is not None:
            raise self.world.broken

    def teardown(self):
        """In the end all goes well again: then nothing may be left over, or stand still."""
        if not hasattr(self, "world"):
            return
        try:
            self._finish()
        finally:
            self.patch.stop()

    def _finish(self):
        self.world.refuses_commits = self.world.refuses_letters = False
        for partition, owner in enumerate(self.world.owners):
            if owner is None:
                self.members[-1].assign(partition)
        history = self.world.history
        for _ in range(20 + 4 * sum(map(len, history.logs))):
            if history.finished() and all(
                member.dispatcher.overview.demand().idle for member in self.members
            ):
                break
            for member in self.members:
                self._go_on(member)
            self.world.time.now += 2.0
            self.nothing_is_broken()
        assert history.finished(), "the runner stands still"
        assert all(history.is_done(record) for log in history.logs for record in log)
        assert self._is_idle()

    def _is_idle(self):
        return all(member.dispatcher.overview.demand().idle for member in self.members)

    def _go_on(self, member):
        member.poll(100)
        while member.out:
            member.complete(0)
        for _ in range(100):
            if member.take():
                member.complete(0)
        member.flush()
        if member.answer:
            member.answer(True)


def schedules(count, **more):
    """Try so many. Raises what a promise was broken by."""
    run_state_machine_as_test(
        Runner,
        settings=settings(
            max_examples=count,
            stateful_step_count=60,
            deadline=None,
            derandomize="SOAK" not in os.environ,
            suppress_health_check=list(HealthCheck),
            **more,
        ),
    )


def test_no_schedule_breaks_a_promise():
    schedules(SCHEDULES)


def _advance_one_too_far(advance):
    return lambda self, first: advance(self, first if first == math.inf else self.end + 1)


def _commit_without_limit(commit):
    def mutant(self, position, count):
        freed = commit(self, position, count)
        self._committed_end = 1_000_000
        return freed

    return mutant


def _number_keys(_):
    numbers = itertools.count()
    return lambda key: next(numbers)


def _skip_at_once(skip):
    def mutant(self, record):
        self.done = record
        self.count += 1

    return mutant


MUTANTS = {
    "commits past a gap": (DonePrefix, "advance", _advance_one_too_far),
    "hands a key out twice": (spread, "_hash", _number_keys),
    "commits what is parked": (ParkedKeys, "first", lambda _: lambda self: math.inf),
    "forgets what waits behind a failed record": (
        ParkedKeys,
        "release",
        lambda release: lambda self, holder: release(self, holder) and [],
    ),
    "lets a key overtake its failed record": (
        Parking,
        "behind_parked",
        lambda _: lambda self, slots: slots,
    ),
    "loses the batches of a stride that were not begun": (
        Pending,
        "put_back",
        lambda _: lambda self, slots: None,
    ),
    "takes a stride for done": (
        KeyGroup,
        "_end_stride",
        lambda end: lambda self, _: end(self, Attempted(1 + len(self.further), quick=True)),
    ),
    "keeps what it has lost": (Dispatcher, "close", lambda _: lambda self, partitions: None),
    "goes on without commits": (Partition, "commit", _commit_without_limit),
    "commits what is filtered out at once": (DonePrefix, "_skip", _skip_at_once),
    "forgets dead letters": (
        FailureDestination,
        "write",
        lambda _: lambda self, records, reasons: [None] * len(records),
    ),
    "does not go on after a commit": (
        Partition,
        "commit",
        lambda commit: lambda self, record, count: commit(self, record, count) and (),
    ),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_runner_that_breaks_a_promise_is_found_out(mutant, monkeypatch):
    place, name, change = MUTANTS[mutant]
    monkeypatch.setattr(place, name, change(getattr(place, name)))
    with pytest.raises((AssertionError, Flaky, AttributeError, LookupError, ValueError)):
        schedules(SCHEDULES, phases=[Phase.generate], database=None, report_multiple_bugs=False)


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
