"""The judge of the chaos runs catches each forged history, and says what is wrong with it."""

import pytest

from tests.support.chaos.check import Logged, check
from tests.support.chaos.history import (
    ASSIGNED,
    FAILED,
    PROCESSED,
    Event,
)
from tests.support.chaos.honest import (
    A0,
    A1,
    A2,
    B0,
    C0,
    FAIR,
    HONEST,
    LOG,
    broken,
    commit,
    event,
    with_events,
    without,
)

NOT_DONE = "acknowledged, and neither processed nor a dead letter"
NOT_DONE_IN_TOPIC = "in the topic, and neither processed nor a dead letter"
COMMITTED_EARLY = "committed before it was done"
OVERTAKING = "first delivered before an earlier one of its key was done"
FORGERIES = {
    "a lost record": (
        with_events(*without(B0)),
        [NOT_DONE, NOT_DONE_IN_TOPIC, COMMITTED_EARLY],
    ),
    "a lost record that nobody was promised": (
        with_events(*without(C0))._replace(acknowledged={A0.name}),
        [NOT_DONE_IN_TOPIC, COMMITTED_EARLY],
    ),
    "a record that the broker lost": (
        FAIR._replace(acknowledged={*FAIR.acknowledged, ("z", 0)}),
        ["acknowledged and not in the topic", NOT_DONE],
    ),
    "an invented record": (
        with_events(*HONEST, event(PROCESSED, Logged("z", 0, 0, 9, poison=False), 1, 2)),
        ["processed or dead, and not in the topic"],
    ),
    "a key out of order": (
        with_events(*without(A0), event(PROCESSED, A0, 36, 37), commit(4, 42)),
        [OVERTAKING, COMMITTED_EARLY],
    ),
    "a key out of order between two runners": (
        with_events(*HONEST, event(FAILED, A1, 8, 9, "two")),
        [OVERTAKING],
    ),
    "two records of a key at once": (
        with_events(*without(A2), event(PROCESSED, A2, 25, 35)),
        [OVERTAKING],
    ),
    "a record begun before the dead letter ahead of it was acknowledged": (
        with_events(*without(A2), event(PROCESSED, A2, 32, 35)),
        [OVERTAKING],
    ),
    "a commit ahead of the work": (
        with_events(*HONEST, commit(1, at=11)),
        [COMMITTED_EARLY],
    ),
    "a commit past a dead letter that is not acknowledged": (
        with_events(*HONEST, commit(3, at=32)),
        [COMMITTED_EARLY],
    ),
    "a commit that sets the position back": (
        with_events(*HONEST, commit(3, at=42)),
        ["committed backwards within an assignment"],
    ),
    "a missing dead letter": (
        FAIR._replace(dead_letters=[]),
        [NOT_DONE, NOT_DONE_IN_TOPIC, "poison without a dead letter"],
    ),
    "a good record buried": (
        FAIR._replace(dead_letters=[A1.name, B0.name]),
        ["dead letter that is no poison"],
    ),
    "more repeats than one assignment may leave": (
        with_events(*HONEST, event(PROCESSED, A0, 50, 51)),
        [
            "partition with more repeats than its own assignments allow",
            "delivered again (assignments of a partition: 2)",
        ],
    ),
    "more repeats on one partition than it may have, though others have none": (
        with_events(
            *HONEST,
            *[Event(ASSIGNED, "-", -1, 0, -1, 50, 50, "two")] * 3,
            event(PROCESSED, C0, 50, 51),
        ),
        ["partition with more repeats than its own assignments allow"],
    ),
    "a group that did not get to the end": (
        FAIR._replace(committed={0: 3, 1: 1}),
        ["partition committed elsewhere than at its end"],
    ),
    "a group that went beyond the end": (
        FAIR._replace(committed={0: 4, 1: 2}),
        ["partition committed elsewhere than at its end"],
    ),
    "a topic that the producer's retries put out of order": (
        FAIR._replace(log=(*LOG, Logged("b", 0, 0, 4, poison=False))),
        ["out of order in the topic", OVERTAKING],
    ),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_each_forged_history_is_caught(forgery):
    evidence, promises = FORGERIES[forgery]
    assert broken(evidence) == promises


def test_a_finding_names_the_record_and_the_limit():
    lost = check(with_events(*without(B0)))
    examples = {finding.promise: finding.examples for finding in lost}
    assert examples[NOT_DONE] == [("b", 0)]
