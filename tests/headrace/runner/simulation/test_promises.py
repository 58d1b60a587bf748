"""Random schedules of everything that can happen to a runner, on a clock that is set."""

import itertools
import math

import pytest
from hypothesis import Phase
from hypothesis.errors import Flaky

from headrace.runner.delivery.destination import FailureDestination
from headrace.runner.dispatch import spread
from headrace.runner.dispatch.dispatcher import Dispatcher
from headrace.runner.dispatch.done_prefix import DonePrefix
from headrace.runner.dispatch.key_group import KeyGroup
from headrace.runner.dispatch.parked_keys import ParkedKeys
from headrace.runner.dispatch.parking import Parking
from headrace.runner.dispatch.partition import Partition
from headrace.runner.dispatch.pending import Pending
from headrace.runner.dispatch.stride import Attempted
from tests.support.simulation.schedules import SCHEDULES, schedules


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
