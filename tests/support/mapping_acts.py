"""What a function does with the records that a mapping brings: it takes all, or fails as told."""

from headrace.errors import NotDone
from headrace.processing.outcomes import Outcomes


def succeed(records):
    return Outcomes(records)


def whole(*poison):
    """Fail as a whole where one of these values is in the batch."""

    def act(records):
        if set(poison) & {record.value for record in records}:
            raise ValueError("poison")
        return Outcomes(records)

    return act


def partial(*poison):
    """Stop at the first of these values, and report it."""

    def act(records):
        for index, record in enumerate(records):
            if record.value in poison:
                later = range(index + 1, len(records))
                failures = dict.fromkeys(later, NotDone("after it"))
                return Outcomes(records, failures | {index: ValueError("poison")})
        return Outcomes(records)

    return act


def failing(times):
    """Fail as a whole so many times."""
    left = [times]

    def act(records):
        left[0] -= 1
        if left[0] >= 0:
            raise ValueError("not yet")
        return Outcomes(records)

    return act
