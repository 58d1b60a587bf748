"""What a mapping needs to be held against the requirements."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import msgspec

from headrace.testing.conformance.enough import is_too_much
from headrace.testing.conformance.judging import differences
from headrace.testing.conformance.observed import Observed, Unsupported
from headrace.testing.conformance.requirement import Requirement


class Adapter(Protocol):
    """Runs one requirement on a mapping.

    It may have an attribute `at_once`, too: how many requirements it runs side by side, on threads.

    Attributes:
        name: the mapping's, at the head of its column.
    """

    name: str

    def run(self, requirement: Requirement) -> Observed:
        """Write the records, run the mapping until it comes to rest, and tell what was seen.

        Raises:
            Unsupported: the mapping does not have the source, or a property of it.
        """
        ...


class Verdict(msgspec.Struct, frozen=True):
    """What became of one requirement.

    Attributes:
        requirement: which one.
        differences: what differs from what is expected.
        unsupported: what the mapping does not have; None: it was run.
        is_final: no more time would have changed it: more came than is expected.
    """

    requirement: Requirement
    differences: tuple[str, ...] = ()
    unsupported: str | None = None
    is_final: bool = False

    @property
    def is_met(self) -> bool:
        """Return whether the mapping does what AWS promises."""
        return not self.differences and self.unsupported is None


def judge(adapter: Adapter, requirements: Iterable[Requirement]) -> list[Verdict]:
    """Hold a mapping against requirements. An error of the adapter is a difference.

    What is not met beside others is run once more if it may have been for want of time: the machine
    may have been too busy.
    """
    at_once = getattr(adapter, "at_once", 1)
    verdicts = _judge(adapter, requirements, at_once)
    if at_once > 1:
        unmet = [v.requirement for v in verdicts if v.differences and not v.is_final]
        again = {v.requirement.id: v for v in _judge(adapter, unmet, at_once)}
        verdicts = [again.get(found.requirement.id, found) for found in verdicts]
    return verdicts


def _judge(adapter: Adapter, requirements: Iterable[Requirement], at_once: int) -> list[Verdict]:
    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(lambda requirement: verdict(adapter, requirement), requirements))


def verdict(adapter: Adapter, requirement: Requirement) -> Verdict:
    """Hold a mapping against one requirement."""
    try:
        observed = adapter.run(requirement)
    except Unsupported as error:
        return Verdict(requirement, (), str(error))
    except Exception as error:  # noqa: BLE001 - it is this requirement's, and ends no other
        return Verdict(requirement, (f"{type(error).__name__}: {error}",))
    found = tuple(differences(requirement, observed))
    return Verdict(requirement, found, is_final=is_too_much(requirement, observed.invocations))
