"""Two runners of one group, and all that can happen to them, as steps of a random schedule."""

import random
from unittest import mock

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from headrace.runner.settings import MappingSettings
from tests.support.runner import QUICK
from tests.support.simulation.member import Member
from tests.support.simulation.world import NONE, World

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
