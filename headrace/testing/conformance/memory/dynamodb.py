"""The changes of a table in memory."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from headrace.record import Record
from headrace.runner.dynamodb.open import open_poller
from headrace.runner.dynamodb.settings import Clients, DynamoDbSource
from headrace.runner.poller import Poller
from headrace.runner.protocol.events import dynamodb_event
from headrace.runner.settings import MappingSettings, SourceKind
from headrace.testing.conformance.given import GivenRecord
from headrace.testing.conformance.memory.bench import written_at
from headrace.testing.conformance.memory.dynamodb_client import (
    ARN,
    MemoryTable,
    MemoryTableStream,
)
from headrace.testing.conformance.memory.sharded import PACE, ShardedBench
from headrace.testing.conformance.memory.shards import Entry
from headrace.testing.conformance.requirement import Requirement


class DynamoDbBench(ShardedBench):
    """A table's stream, and its poller."""

    kind: SourceKind = "dynamodb"
    poller: Poller

    def __init__(self, requirement: Requirement, settings: MappingSettings) -> None:
        super().__init__(requirement, lambda _: ARN, _entry)
        clients = Clients(MemoryTable(), MemoryTableStream(self._shards))
        source = DynamoDbSource(table="orders", checkpoints=":memory:")
        self.poller = open_poller(clients, source, settings, self._checkpoints, pace=PACE)

    def build(self, records: Sequence[Record]) -> dict[str, Any]:
        """Make the event of a batch."""
        return dynamodb_event(records)


def _entry(record: GivenRecord, number: str) -> Entry:
    """A change; a value that is an object has the attributes of the item, typed as DynamoDB's."""
    keys = {"id": {"S": record.key}}
    own = record.value if isinstance(record.value, dict) else {"payload": {"S": record.payload()}}
    images = {"INSERT": ("NewImage",), "MODIFY": ("NewImage", "OldImage"), "REMOVE": ("OldImage",)}
    entry: dict[str, Any] = {
        "eventID": f"change-{number}",
        "eventName": record.change,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-west-1",
        "dynamodb": {
            "ApproximateCreationDateTime": datetime.fromtimestamp(written_at(record), UTC),
            "Keys": keys,
            "SequenceNumber": number,
            "SizeBytes": len(record.payload()),
            "StreamViewType": "NEW_AND_OLD_IMAGES",
            **{image: {**keys, **own} for image in images[record.change]},
        },
    }
    if record.expired:
        service = {"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"}
        entry["userIdentity"] = service
    return entry
