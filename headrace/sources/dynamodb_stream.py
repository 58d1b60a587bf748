"""A change as GetRecords tells it, and the record that AWS Lambda would make of it."""

from typing import Any

import msgspec

from headrace.record import DynamoDbPosition, Record
from headrace.sources.dynamodb_record import dynamodb_record


def streamed_record(entry: Any, table: str, shard: str, arn: str) -> Record:
    """Make a record of an entry that boto3 has read.

    Args:
        entry: what it returned.
        table: the table's name.
        shard: the shard's id.
        arn: of the table's stream.
    """
    change = entry["dynamodb"]
    created = change["ApproximateCreationDateTime"].timestamp()
    shown = int(created) if created.is_integer() else created
    message = {
        **entry,
        "dynamodb": {**change, "ApproximateCreationDateTime": shown},
        "eventSourceARN": arn,
    }
    identity = entry.get("userIdentity")
    if identity is not None:  # here its names begin with capitals
        names = {"principalId": identity.get("PrincipalId"), "type": identity.get("Type")}
        message["userIdentity"] = names
    position = DynamoDbPosition(table, shard, change["SequenceNumber"])
    # boto3 has made bytes of binary attributes; msgspec writes them as base64 again.
    return dynamodb_record(position, message, change["Keys"], created, msgspec.json.encode)
