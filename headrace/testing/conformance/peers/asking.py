"""What of a requirement can be asked for through the API of AWS, and in which words."""

from collections.abc import Iterator
from typing import Any

from headrace.testing.conformance.observed import Failure, Unsupported
from headrace.testing.conformance.requirement import QUEUES, Requirement
from headrace.testing.conformance.stand_ins.sources import SOURCES


def check(requirement: Requirement) -> None:
    """Refuse what cannot be asked for from outside. Raises Unsupported."""
    if requirement.source not in SOURCES:
        raise Unsupported(f"it reads no {requirement.source}")
    if requirement.parents or requirement.begun or any(r.age for r in requirement.records):
        raise Unsupported("it cannot be given an age, a position, or shards of shards")
    if "throttle" in requirement.function.answers or any(
        "ago" in str(v) for v in _values(requirement)
    ):
        raise Unsupported("it cannot be throttled, or begun in the past")


def _values(requirement: Requirement) -> list[Any]:
    return [value for value in requirement.mapping.values() if isinstance(value, dict)]


def properties_of(requirement: Requirement, failures: str) -> dict[str, Any]:
    """Return the properties of the mapping; `failures` is the ARN of its failure destination."""
    properties = dict(requirement.mapping)
    if requirement.source not in QUEUES:
        properties.setdefault("StartingPosition", "TRIM_HORIZON")
    if properties.get("DestinationConfig") == "yes":
        properties["DestinationConfig"] = {"OnFailure": {"Destination": failures}}
    return {name: value for name, value in properties.items() if value is not None}


def failures_of(documents: list[dict[str, Any]], numbers: dict[str, str]) -> Iterator[Failure]:
    """One for each record of the batch that a failure record is about."""
    for document in documents:
        info = document.get("KinesisBatchInfo") or document.get("DDBStreamBatchInfo") or {}
        first, last = info.get("startSequenceNumber", ""), info.get("endSequenceNumber", "")
        for number, name in numbers.items():
            if first and int(first) <= int(number) <= int(last or first):
                yield Failure(record=name, document=document)
