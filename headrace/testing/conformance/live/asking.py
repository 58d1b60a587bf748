"""What of a requirement cannot be asked on the real clock, of a source that is not ours."""

from headrace.testing.conformance.observed import Unsupported
from headrace.testing.conformance.requirement import Requirement

# A record gets old by waiting; it is read after so many seconds at the latest.
_LONGEST_AGE = 150.0


def check(requirement: Requirement, *, gives_ages: bool) -> None:
    """Refuse what takes too long. Raises Unsupported.

    Args:
        requirement: what is asked.
        gives_ages: whether a record can be written as if it were old.
    """
    if requirement.parents:
        raise Unsupported("stand-ins move or drop the records of a shard that is split")
    oldest = max((record.age for record in requirement.records), default=0.0)
    if oldest > _LONGEST_AGE and not gives_ages:
        raise Unsupported("a record would have to be hours old")
