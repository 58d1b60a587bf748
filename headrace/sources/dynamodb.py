"""DynamoDB Streams: the changes of a table's items.

As for Kinesis, a failed change comes back with all that follow it in its shard. The record's value
is what the service says of the change, as JSON with typed attribute values. `change` turns it into
plain Python values, with numbers that stay exact. The key is the item's, so the changes of an item
keep their order.
"""

from typing import Any

from headrace.processing.outcomes import Outcomes
from headrace.record import DynamoDbPosition, Record
from headrace.sources.base import Redelivery
from headrace.sources.change import Change, change
from headrace.sources.dynamodb_record import SOURCE, changes_of

__all__ = ["Change", "DynamoDb", "change"]


class DynamoDb:
    """One shard per batch; the lowest failure is the checkpoint, all after it comes again."""

    name = SOURCE
    redelivery: Redelivery = "partial"

    def records(self, event: Any) -> list[Record]:
        """The changes, in the order of the shard."""
        return changes_of(event)

    def respond(self, outcomes: Outcomes) -> dict[str, list[dict[str, str]]]:
        """The lowest sequence number that is not done; the service reads no other."""
        failed = (
            record.position.sequence_number
            for record in outcomes.not_done()
            if isinstance(record.position, DynamoDbPosition)
        )
        lowest = min(failed, key=int, default=None)
        return {"batchItemFailures": [] if lowest is None else [{"itemIdentifier": lowest}]}
