"""The kit does what a real Kafka does: random schedules on both give the same histories.

Each schedule writes records, has some fail, be rejected or never return, and ends the runner or
shares the partitions of its group anew, several times. A hundred schedules share a runner, one for
each partition, so that two thousand take a minute. `SOAK` says how many to play.
"""

import os

import pytest
from msgspec.structs import replace

from headrace.runner.committer import NotCommitted
from headrace.testing.memory_consumer import MemoryConsumer
from headrace.testing.memory_topic import MemoryTopic
from tests.support.histories.both import on_kafka, on_the_kit
from tests.support.histories.play import comparable
from tests.support.histories.schedules import block
from tests.support.histories.threads import on_threads

PARTITIONS = 100
BLOCKS = int(os.environ.get("SOAK", "2000")) // PARTITIONS


def differences(schedules, real, kit):
    """The partitions whose histories are not the same, with both."""
    ordered = schedules.settings["parallelization_factor"] == 1
    return {
        partition: (real[partition], kit[partition])
        for partition in range(len(schedules.partitions))
        if comparable(real[partition], ordered=ordered)
        != comparable(kit[partition], ordered=ordered)
    }


@pytest.mark.slow(seconds=4)
@pytest.mark.parametrize("seed", range(BLOCKS))
def test_the_kit_and_a_real_kafka_give_the_same_histories(seed, kafka, topic):
    schedules = block(seed, PARTITIONS)
    name = topic(PARTITIONS, **{"retention.ms": "-1"})
    real, changes = on_kafka(schedules, seed, kafka.bootstrap, name)
    found = differences(schedules, real, on_the_kit(schedules, changes))
    assert not found, (seed, schedules.ends, changes, next(iter(found.items())))


def keeps_no_commit(self, offsets):
    return {}


def begins_anew(self, partitions, listener):
    self.positions |= dict.fromkeys(partitions, 0)
    listener.assigned(partitions)


def says_nothing(self, partitions, listener):
    self._forget(partitions)


MUTANTS = {
    "forgets commits": (MemoryTopic, "take_commit", keeps_no_commit),
    "reads all again after each assignment": (MemoryConsumer, "_assigned", begins_anew),
    "takes partitions away without a word": (MemoryConsumer, "_revoked", says_nothing),
}


@pytest.mark.slow(seconds=4)
def test_a_kit_that_does_anything_else_is_found_out(kafka, topic, monkeypatch):
    schedules = block(1, 20, ends=["crash", "share", "stop"], late=True)
    name = topic(20, **{"retention.ms": "-1"})
    real, changes = on_kafka(schedules, 1, kafka.bootstrap, name)
    assert not differences(schedules, real, on_the_kit(schedules, changes))
    for place, method, mutant in MUTANTS.values():
        with monkeypatch.context() as patch:
            patch.setattr(place, method, mutant)
            assert is_found_out(schedules, real, changes), method


def is_found_out(schedules, real, changes):
    """By a history, or since a run of it could not commit, as none on Kafka had to say."""
    try:
        return bool(differences(schedules, real, on_the_kit(schedules, changes)))
    except NotCommitted:
        return True


@pytest.mark.parametrize("seed", range(100))
def test_the_runners_threads_do_what_the_kit_does_without_any(seed):
    made = block(seed, 3, ends=[], late=False)
    schedules = replace(made, settings=made.settings | {"invoke": "records"})
    threads, kit = on_threads(schedules), on_the_kit(schedules, {})
    for partition in threads:
        assert of_keys(threads[partition]) == of_keys(kit[partition]), (seed, schedules)


def of_keys(history):
    """What happened to the records of each key, ends of phases aside."""
    records = [entry for entry in history if not isinstance(entry[0], str)]
    return comparable(records, ordered=False)
