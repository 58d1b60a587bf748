"""An honest history of a chaos run, and what the judge makes of another one."""

from tests.support.chaos.check import Evidence, Logged, check
from tests.support.chaos.history import (
    ASSIGNED,
    BURIED,
    COMMITTING,
    FAILED,
    PROCESSED,
    Event,
)

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
