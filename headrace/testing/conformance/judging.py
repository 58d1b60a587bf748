"""Whether what was observed is what was expected."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import UNSET

from headrace.testing.conformance.expected import Expected
from headrace.testing.conformance.observed import Observed
from headrace.testing.conformance.requirement import QUEUES, Requirement

_ABSENT = object()
# What a clock may be off by.
_TOLERANCE = 0.02


def differences(requirement: Requirement, observed: Observed) -> list[str]:
    """Return what differs, in words; nothing if the requirement is met."""
    expected = requirement.expect
    if expected.refused or observed.refused is not None:
        if expected.refused and observed.refused is not None:
            return []
        return [f"refused: {observed.refused}" if observed.refused else "it was not refused"]
    return [
        *_deliveries(requirement, observed),
        *_lanes(requirement, observed),
        *_times(expected, observed),
        *_position(requirement, observed),
        *_failures(expected, observed),
        *_events(expected, observed),
        *_queue(expected, observed),
    ]


def _deliveries(requirement: Requirement, observed: Observed) -> Iterator[str]:
    expected = requirement.expect
    found = [invocation.records for invocation in observed.invocations]
    if expected.largest is not UNSET and max(map(len, found), default=0) > expected.largest:
        yield f"batches have {[*map(len, found)]} records, more than {expected.largest}"
    if expected.deliveries is UNSET:
        pass
    elif requirement.source in QUEUES:
        one, other = _flat(found), _flat(expected.deliveries)
        has_order = requirement.source == "fifo"
        if one != other if has_order else Counter(one) != Counter(other):
            yield f"deliveries are {found}, not {expected.deliveries} in any batches"
    elif found != expected.deliveries:
        yield f"deliveries are {found}, not {expected.deliveries}"
    if expected.at_once is not UNSET and observed.most_at_once != expected.at_once:
        yield f"{observed.most_at_once} invocations at once, not {expected.at_once}"


def _flat(deliveries: list[list[str]]) -> list[str]:
    return [name for records in deliveries for name in records]


def _lanes(requirement: Requirement, observed: Observed) -> Iterator[str]:
    if requirement.expect.lanes is UNSET:
        return
    keys = {record.name: record.key for record in requirement.records}
    first = dict.fromkeys(name for found in observed.invocations for name in found.records)
    for key, names in requirement.expect.lanes.items():
        found = [name for name in first if keys.get(name) == key]
        if found != names:
            yield f"{key}: delivered {found}, not {names}"


def _times(expected: Expected, observed: Observed) -> Iterator[str]:
    delivered = [name for found in observed.invocations for name in found.records]
    for name, times in expected.times.items():
        if delivered.count(name) != times:
            yield f"{name} was delivered {delivered.count(name)} times, not {times}"
    begun = [invocation.begun for invocation in observed.invocations]
    for number, (earliest, at) in enumerate(zip(expected.begins, begun, strict=False), start=1):
        if earliest is not None and at < earliest - _TOLERANCE:
            yield f"invocation {number} began at {at:.2f} s, not after {earliest:g} s"
    for number, (latest, at) in enumerate(zip(expected.begins_by, begun, strict=False), start=1):
        if latest is not None and at > latest + _TOLERANCE:
            yield f"invocation {number} began at {at:.2f} s, not before {latest:g} s"


def _position(requirement: Requirement, observed: Observed) -> Iterator[str]:
    position = requirement.expect.position
    if position is UNSET:
        return
    if requirement.source in QUEUES:
        if observed.left:
            yield f"left in the queue are {observed.left}"
        return
    if observed.positions is None:
        return
    last = {record.partition: record.name for record in requirement.records}
    named = {0: position} if isinstance(position, str) else position
    for partition, name in (last if position == "all" else named).items():
        found = observed.positions.get(partition)
        if found != name:
            yield f"partition {partition} is done up to {found}, not {name}"


def _failures(expected: Expected, observed: Observed) -> Iterator[str]:
    documents = [failure.document for failure in observed.failures]
    found = {
        failure.record: value_at(failure.document, "requestContext/condition")
        for failure in observed.failures
    }
    if found != expected.failures:
        yield f"failure records are {found}, not {expected.failures}"
    if expected.failure_record and documents:
        yield from _fields(documents[0], expected.failure_record, "failure record")


def _events(expected: Expected, observed: Observed) -> Iterator[str]:
    for number, fields in enumerate(expected.events):
        if number >= len(observed.invocations):
            yield f"there is no invocation {number + 1}"
        else:
            event = observed.invocations[number].event
            yield from _fields(event, fields, f"event {number + 1}")


def _fields(document: Any, fields: Mapping[str, Any], what: str) -> Iterator[str]:
    for path, value in fields.items():
        found = value_at(document, path)
        if not _is_like(found, value):
            shown = "absent" if found is _ABSENT else repr(found)
            yield f"{what}: {path} is {shown}, not {value!r}"


def _is_like(found: Any, value: Any) -> bool:
    """Compare; a text that begins with `~` is a pattern, and `absent` says that there is none."""
    if value == "absent":
        return found is _ABSENT
    if isinstance(value, str) and value.startswith("~"):
        return isinstance(found, str | int | float) and bool(re.fullmatch(value[1:], str(found)))
    return bool(found == value)


def value_at(document: Any, path: str) -> Any:
    """Return what stands at a path such as `Records/0/body`."""
    for step in path.split("/"):
        if isinstance(document, list) and step.isdecimal() and int(step) < len(document):
            document = document[int(step)]
        elif isinstance(document, dict) and step in document:
            document = document[step]
        else:
            return _ABSENT
    return document


def _queue(expected: Expected, observed: Observed) -> Iterator[str]:
    for what, names, found in (
        ("left in the queue", expected.left, observed.left),
        ("in the dead-letter queue", expected.dead, observed.dead),
    ):
        if names is not UNSET and sorted(found) != sorted(names):
            yield f"{what} are {sorted(found)}, not {sorted(names)}"
