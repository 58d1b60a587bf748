"""What is in an event of AWS Lambda: the payloads, and what a response calls each record."""

import base64
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import msgspec


class Entry(NamedTuple):
    """A record in an event.

    Attributes:
        payload: as text.
        identifier: what a partial response calls it.
    """

    payload: str
    identifier: Any


def entries(event: Mapping[str, Any]) -> Iterator[Entry]:
    """Yield the records of an event of any source."""
    for name, records in event.get("records", {}).items():
        for record in records:
            place = {"partition": name, "offset": record["offset"]}
            yield Entry(_decoded(record.get("value", "")), place)
    for record in event.get("Records", ()):
        yield _entry(record)


def _entry(record: Mapping[str, Any]) -> Entry:
    if "kinesis" in record:
        inner = record["kinesis"]
        return Entry(_decoded(inner["data"]), inner["sequenceNumber"])
    if "dynamodb" in record:
        return Entry(item_payload(record["dynamodb"]), record["dynamodb"]["SequenceNumber"])
    return Entry(record["body"], record["messageId"])


def item_payload(change: Mapping[str, Any]) -> str:
    """Return the payload of a change: its item without the key, as JSON or as text."""
    image = change.get("NewImage") or change.get("OldImage", {})
    item = {name: value for name, value in image.items() if name != "id"}
    if item.keys() == {"payload"}:
        return str(item["payload"]["S"])
    return msgspec.json.encode(item).decode()


def _decoded(data: str) -> str:
    return base64.b64decode(data).decode()
