"""What must come of a requirement's records."""

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType


class Expected(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What must come of it. What is not said is not asked.

    Attributes:
        deliveries: the records of each invocation, in order. Of a queue, which batches are which is
            not asked; of a standard queue, neither is the order.
        largest: how many records an invocation has, at most.
        lanes: for each key, its records in the order of their first deliveries.
        times: how often records are delivered.
        begins: when invocations begin, at the earliest; None: at any time.
        begins_by: when they begin, at the latest.
        at_once: how many invocations run at once, at most.
        position: the record up to which each partition is done; "all": the last one of each. Of a
            queue: "all", nothing is left in it.
        failures: the condition of the failure record of each record that is given up.
        failure_record: fields of the first failure record, by their paths; null: not there.
        events: fields of the events, one invocation after the other, by their paths.
        refused: the mapping cannot be made.
        left: messages that are still in the queue.
        dead: messages that the queue has moved to its dead-letter queue.
    """

    deliveries: list[list[str]] | UnsetType = UNSET
    largest: int | UnsetType = UNSET
    lanes: dict[str, list[str]] | UnsetType = UNSET
    times: dict[str, int] = {}
    begins: list[float | None] = []
    begins_by: list[float | None] = []
    at_once: int | UnsetType = UNSET
    position: str | dict[int, str | None] | UnsetType = UNSET
    failures: dict[str, str] = {}
    failure_record: dict[str, Any] = {}
    events: list[dict[str, Any]] = []
    refused: bool = False
    left: list[str] | UnsetType = UNSET
    dead: list[str] | UnsetType = UNSET
