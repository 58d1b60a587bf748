"""The judge of the chaos runs acquits an honest history, and takes no other run for a proof."""

from tests.support.chaos import history as chaos_history
from tests.support.chaos.history import (
    ASSIGNED,
    FAILED,
    KILLED,
    PROCESSED,
    Event,
    History,
)
from tests.support.chaos.honest import (
    A0,
    A1,
    A2,
    B0,
    FAIR,
    HONEST,
    LOG,
    broken,
    commit,
    event,
    with_events,
    without,
)
from tests.support.chaos.plan import Plan
from tests.support.chaos.verdict import judge


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
