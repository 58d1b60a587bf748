"""What the failure destination got, record by record."""

import json

from headrace.dead_letters.reading import letters
from headrace.testing.conformance.events import item_payload
from headrace.testing.conformance.observed import Failure
from headrace.testing.conformance.requirement import Requirement
from headrace.testing.memory_sink import MemorySink


def failures_of(sink: MemorySink | None, requirement: Requirement) -> list[Failure]:
    """Return the failure records; ours hold their record, so that its name is known."""
    names = requirement.names()
    return [
        Failure(record=names[_payload(letter.value or b"", requirement)], document=json.loads(text))
        for text in ((message.value or b"") for message in (sink.messages if sink else ()))
        for letter in letters(text)
    ]


def _payload(value: bytes, requirement: Requirement) -> str:
    if requirement.source == "dynamodb":  # the record is all that the service says
        return item_payload(json.loads(value)["dynamodb"])
    return value.decode()
