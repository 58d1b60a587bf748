"""The judge of the chaos runs: it acquits an honest history, and catches each forged one."""

import pytest

from tests.support.chaos import history as chaos_history
from tests.support.chaos.check import Evidence, Logged, check
from tests.support.chaos.history import (
    ASSIGNED,
    BURIED,
    COMMITTING,
    FAILED,
    KILLED,
    PROCESSED,
    Event,
    History,
)
from tests.support.chaos.plan import Plan
from tests.support.chaos.verdict import judge

# Two keys on one partition and one on another; the second record of "a" is poison.
LOG = (
    Logged("a", 0, 0, 0, poison=False),
    Logged("b", 0, 0, 1, poison=False),
    Logged("a", 1, 0, 2, poison=True),
    Logged("a", 2, 0, 3, poison=False),
    Logged("c", 0, 1, 0, poison=False),
)
A0, B0, A1, A2, C0 = LOG
WINDOW = 3


def event(kind: str, record: Logged | None, began: int, ended: int, runner: str = "one") -> Event:
    name = ("-", -1, 0, -1) if record is None else record[:4]
    return Event(kind, *name, began, ended, runner)


def commit(offset: int, at: int, partition: int = 0) -> Event:
    return Event(COMMITTING, "-", -1, partition, offset, at, at, "one")


ASSIGNMENTS = tuple(Event(ASSIGNED, "-", -1, partition, -1, 0, 0, "one") for partition in (0, 1))
HONEST = (
    *ASSIGNMENTS,
    event(PROCESSED, A0, 10, 12),
    event(PROCESSED, B0, 11, 15),
    commit(1, at=16),
    event(FAILED, A1, 20, 21),
    event(FAILED, A1, 30, 31),
    event(BURIED, A1, 32, 33),
    event(PROCESSED, A2, 34, 35),
    event(PROCESSED, C0, 5, 40),
    commit(4, at=41),
    commit(1, at=41, partition=1),
)
FAIR = Evidence(
    log=LOG,
    acknowledged={record.name for record in LOG},
    events=HONEST,
    dead_letters=[A1.name],
    committed={0: 4, 1: 1},
    ends={0: 4, 1: 1},
    window=WINDOW,
)


def without(*records: Logged) -> tuple[Event, ...]:
    names = {record.name for record in records}
    return tuple(event for event in HONEST if (event.key, event.sequence) not in names)


def with_events(*events: Event) -> Evidence:
    return FAIR._replace(events=sorted(events, key=lambda event: event.ended))


def broken(evidence: Evidence) -> list[str]:
    return [finding.promise for finding in check(evidence) if not finding.ok]


def test_an_honest_history_is_acquitted():
    assert broken(FAIR) == []


def test_repeats_after_another_assignment_are_no_fault_nor_is_their_order():
    again = (
        Event(ASSIGNED, "-", -1, 0, -1, 50, 50, "one"),
        Event(ASSIGNED, "-", -1, 0, -1, 50, 50, "two"),
        commit(1, at=50),
        event(PROCESSED, A0, 60, 61, "two"),
        event(FAILED, A1, 62, 63, "two"),
        event(PROCESSED, A2, 64, 65, "two"),
    )
    assert broken(with_events(*HONEST, *again)) == []


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


def test_a_run_whose_faults_did_not_come_about_is_no_proof():
    plan = Plan(records=len(LOG), kills=2)
    died = Event(KILLED, "commit-before", -1, -1, -1, 20, 20, "one")
    assert judge(plan, with_events(*HONEST, died), kills=2, mishaps=[]).ok
    assert not judge(plan, FAIR, kills=2, mishaps=[]).ok
    assert not judge(plan, with_events(*HONEST, died), kills=1, mishaps=[]).ok
    assert not judge(plan, with_events(*HONEST, died), kills=2, mishaps=["one ended with 1"]).ok
    assert not judge(plan._replace(records=6), with_events(*HONEST, died), kills=2, mishaps=[]).ok


def test_the_verdict_says_what_is_broken():
    plan = Plan(records=len(LOG), kills=0)
    assert str(judge(plan, FAIR, kills=0, mishaps=[])).endswith("verdict: every promise kept")
    verdict = str(judge(plan, with_events(*without(B0)), kills=0, mishaps=[]))
    assert "BROKEN: ('b', 0)" in verdict
    assert verdict.endswith("verdict: BROKEN")


def test_histories_are_merged_by_time_and_a_torn_line_is_no_event(tmp_path):
    first, second = History(tmp_path / "one.history"), History(tmp_path / "two.history")
    first.note(PROCESSED, "a", 0, 0, 0, began=1)
    second.note(PROCESSED, "a", 1, 0, 2)
    first.note(PROCESSED, "a", 2, 0, 3)
    with (tmp_path / "one.history").open("a") as file:
        file.write("p a 3 0 4 5")
    events = chaos_history.read(tmp_path)
    assert [(e.key, e.sequence, e.offset, e.runner) for e in events] == [
        ("a", 0, 0, "one"),
        ("a", 1, 2, "two"),
        ("a", 2, 3, "one"),
    ]
    assert events[0].began == 1 < events[0].ended <= events[1].began
