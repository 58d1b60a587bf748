"""What the failure destination got, record by record."""

import json
from collections.abc import Iterable

from headrace.dead_letters.reading import letters
from headrace.testing.conformance.events import item_payload
from headrace.testing.conformance.observed import Failure
from headrace.testing.conformance.requirement import Requirement


def failures_of(texts: Iterable[bytes], requirement: Requirement) -> list[Failure]:
    """Return failure records of ours; they hold their record, so that its name is known."""
    names = requirement.names()
    return [
        Failure(record=names[_payload(letter.value or b"", requirement)], document=json.loads(text))
        for text in texts
        for letter in letters(text)
    ]


def _payload(value: bytes, requirement: Requirement) -> str:
    if requirement.source == "dynamodb":  # the record is all that the service says
        return item_payload(json.loads(value)["dynamodb"])
    return value.decode()
