"""What a mapping needs to be held against the requirements."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import msgspec

from headrace.testing.conformance.judging import differences
from headrace.testing.conformance.observed import Observed, Unsupported
from headrace.testing.conformance.requirement import Requirement


class Adapter(Protocol):
    """Runs one requirement on a mapping.

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
    """

    requirement: Requirement
    differences: tuple[str, ...] = ()
    unsupported: str | None = None

    @property
    def is_met(self) -> bool:
        """Return whether the mapping does what AWS promises."""
        return not self.differences and self.unsupported is None


def judge(adapter: Adapter, requirements: Iterable[Requirement], at_once: int = 1) -> list[Verdict]:
    """Hold a mapping against requirements. An error of the adapter is a difference.

    Args:
        adapter: runs the mapping.
        requirements: what is asked.
        at_once: how many are run at once. What is not met so is run again, with a quarter of that
            beside it: there may have been too much at once.
    """
    verdicts = _judge(adapter, requirements, at_once)
    if at_once > 1:
        unmet = [found.requirement for found in verdicts if found.differences]
        again = {v.requirement.id: v for v in _judge(adapter, unmet, max(1, at_once // 4))}
        verdicts = [again.get(found.requirement.id, found) for found in verdicts]
    return verdicts


def _judge(adapter: Adapter, requirements: Iterable[Requirement], at_once: int) -> list[Verdict]:
    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(lambda requirement: verdict(adapter, requirement), requirements))


def verdict(adapter: Adapter, requirement: Requirement) -> Verdict:
    """Hold a mapping against one requirement."""
    try:
        found = differences(requirement, adapter.run(requirement))
    except Unsupported as error:
        return Verdict(requirement, (), str(error))
    except Exception as error:  # noqa: BLE001 - it is this requirement's, and ends no other
        return Verdict(requirement, (f"{type(error).__name__}: {error}",))
    return Verdict(requirement, tuple(found))
