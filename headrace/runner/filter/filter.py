"""Filter criteria: which records of a stream the function gets to see.

The value of a Kafka record under the pattern key `value` is JSON (an object or an array) or plain
text; a pattern for the one drops the other. So it is with the `body` of a message from SQS. A
Kinesis record's `data` must be JSON where a pattern asks for it. A change of a DynamoDB table is
filtered as the service tells it, with typed values. A record that matches no pattern is skipped,
and the position goes past it; a message is deleted.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from headrace import json_text
from headrace.errors import SettingsError
from headrace.readable import printable
from headrace.record import Record, kinesis_position
from headrace.runner.filter.criteria import read_criteria
from headrace.runner.filter.pattern import (
    BadPattern,
    Match,
    Path,
    compile_field,
    compile_pattern,
)
from headrace.runner.settings import SourceKind

_KINESIS: Mapping[str, Callable[[Record], Any]] = {
    "partitionKey": lambda record: (record.key or b"").decode(),
    "sequenceNumber": lambda record: kinesis_position(record).sequence_number,
    "approximateArrivalTimestamp": lambda record: (record.timestamp or 0) / 1000,
    "kinesisSchemaVersion": lambda _: "1.0",
    "eventID": lambda record: record.id,
    "eventName": lambda _: "aws:kinesis:record",
    "eventSource": lambda _: "aws:kinesis",
    "eventVersion": lambda _: "1.0",
}


_SQS = (
    "body",
    "attributes",
    "messageAttributes",
    "messageId",
    "receiptHandle",
    "md5OfBody",
    "eventSource",
    "eventSourceARN",
    "awsRegion",
)


class Filter:
    """Event patterns, any of which lets a record pass. Safe to call from several threads."""

    def __init__(self, patterns: Sequence[Match], event: Callable[[Any], dict[str, Any]]) -> None:
        self._patterns = patterns
        self._event = event

    @classmethod
    def parse(cls, text: str | None, source: SourceKind) -> "Filter":
        """Compile the patterns.

        Args:
            text: the patterns as `filter_criteria.read_criteria` takes them; None: no filter.
            source: whose records are filtered.

        Raises:
            SettingsError: a pattern is none; the message names it and the place in it.
        """
        top = _Top(source)
        patterns = []
        for number, pattern in enumerate(read_criteria(text), start=1):
            try:
                patterns.append(compile_pattern(pattern, (), top.field))
            except ValueError as error:
                told = f"HEADRACE_FILTER_CRITERIA: pattern {number}: {error}"
                raise SettingsError(printable(told)) from None
        return cls(patterns, _EVENTS[source](top.used))

    @property
    def is_on(self) -> bool:
        """Return whether there are patterns."""
        return bool(self._patterns)

    def __call__(self, records: Sequence[Any]) -> Sequence[bool] | None:
        """Which of the records pass; None where there is no filter, so that all do.

        Args:
            records: of the source; messages from SQS as Lambda's event has them.
        """
        return [self._passes(record) for record in records] if self._patterns else None

    def _passes(self, record: Any) -> bool:
        try:
            event = self._event(record)
        except json_text.TooDeepError:  # nothing is skipped unread: the function sees it
            return True
        return any(pattern(event, event) for pattern in self._patterns)


class _Top:
    """The outermost fields of a pattern: those that the source's records have.

    Attributes:
        used: the fields that some pattern asks for.
    """

    def __init__(self, source: SourceKind) -> None:
        self.used: set[str] = set()
        self._source = source
        self._known = _FIELDS[source]

    def field(self, key: str, value: Any, path: Path) -> Match:
        if key not in self._known:
            raise BadPattern(
                (*path, key), f"{self._source} records are filtered on {', '.join(self._known)}"
            )
        self.used.add(key)
        match = compile_field(key, value, path)
        if key in {"value", "body"}:
            return _of_format(match, key, json=isinstance(value, dict))
        if key == "dynamodb" and not isinstance(value, dict):
            raise BadPattern((*path, key), "an object is expected, such as Keys or NewImage")
        if key == "data":
            if not isinstance(value, dict):
                raise BadPattern((*path, key), "an object is expected: data is filtered as JSON")
            return lambda node, event: "data" in event and match(node, event)
        return match


def _of_format(match: Match, key: str, *, json: bool) -> Match:
    return lambda node, event: (
        isinstance(event.get(key), dict | list) is json and match(node, event)
    )


def _kafka_event(record: Record) -> dict[str, Any]:
    return {} if record.value is None else {"value": _json_or_text(record.value)}


def _sqs_event(message: dict[str, Any]) -> dict[str, Any]:
    return {**message, "body": _json_or_text(message["body"].encode(errors="surrogatepass"))}


def _json_or_text(data: bytes) -> Any:
    try:
        value = json_text.decode(data)
    except json_text.TooDeepError:
        raise
    except json_text.JsonError:
        value = None
    return value if isinstance(value, dict | list) else data.decode(errors="replace")


def _kinesis_event(used: set[str]) -> Callable[[Record], dict[str, Any]]:
    fields = [(key, get) for key, get in _KINESIS.items() if key in used]

    def event(record: Record) -> dict[str, Any]:
        found = {key: get(record) for key, get in fields}
        if "data" in used:
            try:
                found["data"] = json_text.decode(record.value or b"")
            except json_text.TooDeepError:
                raise
            except json_text.JsonError:
                pass  # it has no data, so no pattern of data matches
        return found

    return event


def _dynamodb_event(record: Record) -> dict[str, Any]:
    event: dict[str, Any] = json_text.decode(record.value or b"")
    return event


_DYNAMODB = (
    "dynamodb",
    "eventName",
    "eventID",
    "eventSource",
    "eventVersion",
    "awsRegion",
    "eventSourceARN",
    "userIdentity",
)
_FIELDS: Mapping[SourceKind, Sequence[str]] = {
    "kafka": ("value",),
    "kinesis": ("data", *_KINESIS),
    "dynamodb": _DYNAMODB,
    "sqs": _SQS,
}

# Of the fields that patterns ask for, what makes the event of a record.
_EVENTS: Mapping[SourceKind, Callable[[set[str]], Callable[[Any], dict[str, Any]]]] = {
    "kafka": lambda _: _kafka_event,
    "kinesis": _kinesis_event,
    "dynamodb": lambda _: _dynamodb_event,
    "sqs": lambda _: _sqs_event,
}
