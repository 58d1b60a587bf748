"""Whether as much has come as is expected, or more: how long it is worth while to wait."""

from collections import Counter
from collections.abc import Sequence

from msgspec import UNSET

from headrace.testing.conformance.observed import Invocation
from headrace.testing.conformance.requirement import QUEUES, Requirement


def is_too_much(requirement: Requirement, invocations: Sequence[Invocation]) -> bool:
    """Return whether more was delivered than may be: nothing that comes later can mend that."""
    expected = requirement.expect
    if expected.refused:
        return True
    names = _names(invocations)
    if any(names[name] > times for name, times in expected.times.items()):
        return True
    count, wanted = _counts(requirement, invocations)
    return wanted is not None and count > wanted


def is_too_little(requirement: Requirement, invocations: Sequence[Invocation]) -> bool:
    """Return whether something is still to be delivered."""
    expected = requirement.expect
    names = _names(invocations)
    wanted = dict(expected.times)
    for lane in () if expected.lanes is UNSET else expected.lanes.values():
        wanted |= dict.fromkeys(lane, 1)
    if any(names[name] < times for name, times in wanted.items()):
        return True
    timed = max(len(expected.begins), len(expected.begins_by))
    if len(invocations) < max(len(expected.events), timed):
        return True
    count, most = _counts(requirement, invocations)
    return most is not None and count < most


def _names(invocations: Sequence[Invocation]) -> Counter[str]:
    return Counter(name for found in invocations for name in found.records)


def _counts(requirement: Requirement, invocations: Sequence[Invocation]) -> tuple[int, int | None]:
    """Return how many deliveries came, and how many are expected; None: it is not said."""
    deliveries = requirement.expect.deliveries
    if deliveries is UNSET:
        return 0, None
    if requirement.source in QUEUES:  # which batches they are in is not asked
        return _names(invocations).total(), sum(map(len, deliveries))
    return len(invocations), len(deliveries)
