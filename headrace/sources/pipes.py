"""EventBridge Pipes: a bare list of what its source holds, given to a function as the target.

The items are those of the source's own event, but flat for Kinesis and Kafka. Which source it is,
each item says. A partial answer is read as from an event source mapping; but for Kafka, a pipe
reads none: there, any answer is a success.
"""

from collections.abc import Callable
from typing import Any

from headrace.errors import MalformedEvent
from headrace.processing.outcomes import Outcomes
from headrace.record import Record
from headrace.sources.base import Redelivery, Source
from headrace.sources.dynamodb import DynamoDb
from headrace.sources.kafka import Kafka
from headrace.sources.kinesis import Kinesis
from headrace.sources.sqs import Sqs

Items = list[Any]


class Pipes:
    """The records are those of the pipe's source, and so is the answer.

    Args:
        unpack: as of Kinesis.
    """

    name = "pipes"
    redelivery: Redelivery = "partial"

    def __init__(self, *, unpack: bool = True) -> None:
        self._kinesis = Kinesis(unpack=unpack)

    def records(self, event: Any) -> list[Record]:
        """The items in their order."""
        kinds = dict.fromkeys(_kind(item) for item in event)
        kind = next(iter(kinds))
        if len(kinds) > 1 or kind not in _INNER:
            named = ", ".join(map(repr, kinds))
            raise MalformedEvent(f"malformed Pipes event: no source takes items of {named}")
        source, event_of = _INNER[kind]
        inner = self._kinesis if isinstance(source, Kinesis) else source
        return inner.records(event_of(event))

    def respond(self, outcomes: Outcomes) -> Any:
        """The answer of the pipe's source."""
        if not outcomes.records:
            return {"batchItemFailures": []}
        return _BY_NAME[outcomes.records[0].source].respond(outcomes)


class PipesOfKafka(Pipes):
    """A pipe from Kafka: if a record fails, the call fails, and all of it comes again."""

    redelivery: Redelivery = "whole"

    def respond(self, outcomes: Outcomes) -> None:
        """Nothing: the service reads no answer."""
        del outcomes


def _kind(item: Any) -> str | None:
    kind = item.get("eventSource") if isinstance(item, dict) else None
    return kind if isinstance(kind, str) else None


def _as_they_are(items: Items) -> dict[str, Any]:
    return {"Records": items}


def _nested(items: Items) -> dict[str, Any]:
    """Kinesis: the data stand beside the rest, not under `kinesis`."""
    return {"Records": [{**item, "kinesis": item} for item in items]}


def _by_partition(items: Items) -> dict[str, Any]:
    """Kafka: the messages stand one after the other, not by partition."""
    partitions: dict[str, Items] = {}
    for item in items:
        partitions.setdefault(f"{item.get('topic')}-{item.get('partition')}", []).append(item)
    return {"records": partitions}


_INNER: dict[Any, tuple[Source, Callable[[Items], dict[str, Any]]]] = {
    "aws:sqs": (Sqs(), _as_they_are),
    "aws:dynamodb": (DynamoDb(), _as_they_are),
    "aws:kinesis": (Kinesis(), _nested),
    "aws:kafka": (Kafka(), _by_partition),
    "SelfManagedKafka": (Kafka(), _by_partition),
}
_BY_NAME = {source.name: source for source, _ in _INNER.values()}
