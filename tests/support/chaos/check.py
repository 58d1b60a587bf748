"""Judges a run by its histories alone: what was promised to producers, and what runners did.

It knows nothing of the runner but its promises, and takes no word of the runner's for anything.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import NamedTuple

from tests.support.chaos.history import (
    ASSIGNED,
    BURIED,
    COMMITTING,
    FAILED,
    PROCESSED,
    Event,
)

Name = tuple[str, int]  # a key, and the number of a record within it


class Logged(NamedTuple):
    """A record as it stands in the topic."""

    key: str
    sequence: int
    partition: int
    offset: int
    poison: bool

    @property
    def name(self) -> Name:
        return self.key, self.sequence


class Evidence(NamedTuple):
    """What there is to judge.

    Attributes:
        log: the topic, each partition in its order.
        acknowledged: the records that the broker promised to keep.
        events: of all runners, in the order of their ends.
        dead_letters: the records that the dead-letter topic holds, as often as it holds them.
        committed: the group's positions at the end, by partition.
        ends: the ends of the partitions.
        window: the most records of one partition that may be out and not committed.
        cured: whether poison was made to succeed in the end, so that none of it is a dead letter.
    """

    log: Sequence[Logged]
    acknowledged: Set[Name]
    events: Sequence[Event]
    dead_letters: Sequence[Name]
    committed: Mapping[int, int]
    ends: Mapping[int, int]
    window: int
    cured: bool = False


class Finding(NamedTuple):
    """One promise: how often it was broken (or used), how often it may be, and where first."""

    promise: str
    found: int
    allowed: int
    examples: Sequence[object] = ()

    @property
    def ok(self) -> bool:
        return self.found <= self.allowed


def check(evidence: Evidence) -> list[Finding]:
    """Hold the evidence against every promise."""
    e = evidence
    log = {record.name for record in e.log}
    settled = {(x.key, x.sequence) for x in e.events if x.kind in (PROCESSED, BURIED)}
    poison = {record.name for record in e.log if record.poison and not e.cured}
    letters = set(e.dead_letters)
    done = {(x.key, x.sequence) for x in e.events if x.kind == PROCESSED} | letters
    return [
        _none("acknowledged and not in the topic", e.acknowledged - log),
        _none("out of order in the topic", _disordered(e.log)),
        _none("acknowledged, and neither processed nor a dead letter", e.acknowledged - done),
        _none("in the topic, and neither processed nor a dead letter", log - done),
        _none("processed or dead, and not in the topic", (settled | letters) - log),
        _none("first delivered before an earlier one of its key was done", _overtaking(e)),
        _none("committed before it was done", _committed_early(e)),
        _none("committed backwards within an assignment", _backwards(e)),
        _none("poison without a dead letter", poison - letters),
        _none("dead letter that is no poison", letters - poison),
        _none("partition committed elsewhere than at its end", _uncommitted(e)),
        *_repeats(e),
    ]


def _none(promise: str, broken: Iterable[object]) -> Finding:
    examples = sorted(broken, key=str)
    return Finding(promise, len(examples), 0, examples[:5])


def _disordered(log: Sequence[Logged]) -> Iterator[Name]:
    """A producer's retries may not shuffle or repeat: else nothing below could be judged."""
    last: dict[str, int] = {}
    for record in log:
        if record.sequence <= last.get(record.key, -1):
            yield record.name
        last[record.key] = record.sequence


def _overtaking(e: Evidence) -> Iterator[tuple[Name, str]]:
    began: dict[Name, Event] = {}
    done: dict[Name, int] = {}
    for event in e.events:
        name = event.key, event.sequence
        if event.kind in (PROCESSED, FAILED) and (
            name not in began or event.began < began[name].began
        ):
            began[name] = event
        if event.kind in (PROCESSED, BURIED):
            done.setdefault(name, event.ended)
    earlier_done: dict[str, float] = {}
    for record in e.log:
        before = earlier_done.get(record.key, -math.inf)
        first = began.get(record.name)
        if first is not None and first.began < before:
            yield record.name, first.runner
        # What was never done is reported as lost; it does not make all that follows it early.
        earlier_done[record.key] = max(before, done.get(record.name, -math.inf))


def _committed_early(e: Evidence) -> Iterator[tuple[Logged, str]]:
    done: dict[tuple[int, int], int] = {}
    commits: dict[int, list[Event]] = defaultdict(list)
    for event in e.events:
        if event.kind in (PROCESSED, BURIED):
            done.setdefault((event.partition, event.offset), event.ended)
        elif event.kind == COMMITTING:
            commits[event.partition].append(event)
    waiting = {partition: iter(_advances(found)) for partition, found in commits.items()}
    current = {partition: next(found, None) for partition, found in waiting.items()}
    for record in e.log:
        commit = current.get(record.partition)
        while commit is not None and commit.offset <= record.offset:
            commit = current[record.partition] = next(waiting[record.partition], None)
        finished = done.get((record.partition, record.offset), math.inf)
        if commit is not None and finished > commit.began:
            yield record, commit.runner


def _advances(commits: Sequence[Event]) -> Iterator[Event]:
    """The commits that went further than all before them: the first to cover their records."""
    furthest = -1
    for commit in sorted(commits, key=lambda event: event.began):
        if commit.offset > furthest:
            furthest = commit.offset
            yield commit


def _backwards(e: Evidence) -> Iterator[Event]:
    furthest: dict[tuple[str, int], int] = {}
    for event in e.events:
        place = event.runner, event.partition
        if event.kind == ASSIGNED:
            furthest.pop(place, None)
        elif event.kind == COMMITTING:
            if event.offset < furthest.get(place, 0):
                yield event
            furthest[place] = max(event.offset, furthest.get(place, 0))


def _uncommitted(e: Evidence) -> Iterator[str]:
    for partition, end in e.ends.items():
        if e.committed.get(partition) != end:
            yield f"partition {partition}: {e.committed.get(partition)} of {end}"


def _repeats(e: Evidence) -> list[Finding]:
    """Each assignment of a partition but its first may repeat what was out and not committed."""
    deliveries = Counter(
        (event.partition, event.offset) for event in e.events if event.kind in (PROCESSED, BURIED)
    )
    repeated: Counter[int] = Counter()
    for (partition, _), count in deliveries.items():
        repeated[partition] += count - 1
    assigned = Counter(event.partition for event in e.events if event.kind == ASSIGNED)
    allowed = {p: max(0, assigned[p] - 1) * e.window for p in repeated}
    beyond = [f"partition {p}: {n} of {allowed[p]}" for p, n in repeated.items() if n > allowed[p]]
    return [
        _none("partition with more repeats than its own assignments allow", beyond),
        Finding(
            f"delivered again (assignments of a partition: {assigned.total()})",
            repeated.total(),
            sum(allowed.values()),
        ),
    ]
