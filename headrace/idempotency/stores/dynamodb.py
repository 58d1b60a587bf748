"""`dynamodb://table?region=…&endpoint=…` keeps keys in a table whose key is `id`, a string.

Attributes have the names that Powertools for AWS Lambda gives them (`id`, `status`, `expiration`,
`in_progress_expiration`, `data`, `validation`), so both can share a table; `token` is ours. Give
the table a time to live on `expiration`. Leases are judged by the clocks of those who claim.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from headrace.idempotency.store import Claim
from headrace.idempotency.stores.transactions import Operation, Transactions
from headrace.sinks import aws
from headrace.sinks.url import SinkUrl

_MINE = "#token = :token AND #status = :running"
_FREE = (
    "attribute_not_exists(id) OR #expiration < :now"
    " OR (#status = :running AND (#running_until < :now_ms OR #token = :token))"
)
_NAMES = {
    "#status": "status",
    "#token": "token",
    "#expiration": "expiration",
    "#running_until": "in_progress_expiration",
    "#data": "data",
}


def open_url(url: SinkUrl) -> "DynamoDbStore":
    """Open `dynamodb://table`; the table must exist."""
    url.allow(aws.PARAMETERS)
    if not url.host or url.path not in {"", "/"}:
        raise url.wrong("the form is dynamodb://table")
    client = aws.client("dynamodb", url)
    found = aws.look_up(url, client.describe_table, TableName=url.host)["Table"]
    types = {one["AttributeName"]: one["AttributeType"] for one in found["AttributeDefinitions"]}
    if [(name := key["AttributeName"], types[name]) for key in found["KeySchema"]] != [("id", "S")]:
        raise url.wrong("the table's key is not the one attribute id, a string")
    return DynamoDbStore(client, url.host)


class DynamoDbStore:
    """Items of a table.

    Args:
        client: a boto3 client.
        table: its name.
        clock: seconds since the epoch.
    """

    most_bytes = 400_000  # an item has 409,600

    def __init__(self, client: Any, table: str, clock: Callable[[], float] = time.time) -> None:
        self._client = client
        self._transactions = Transactions(client, table)
        self._clock = clock

    def claim(self, digests: Mapping[str, str], token: str, lease: float) -> dict[str, Claim]:
        """See `headrace.idempotency.store.OnceStore`, as for the others."""
        now = self._clock()
        until = now + lease
        values = {":now": _number(now), ":now_ms": _number(now * 1000), **_mine(token)}
        operations = {
            key: {
                "Put": {
                    "Item": {
                        "id": {"S": key},
                        "status": {"S": "INPROGRESS"},
                        "token": {"S": token},
                        # One more lease: an extension in between keeps the item from vanishing.
                        "expiration": _number(until + lease),
                        "in_progress_expiration": _number(until * 1000),
                        "validation": {"S": digest},
                    },
                    "ConditionExpression": _FREE,
                    "ExpressionAttributeNames": _used(_FREE),
                    "ExpressionAttributeValues": values,
                }
            }
            for key, digest in digests.items()
        }
        refused = self._transactions.write(operations)
        return {key: _claim(refused[key]) if key in refused else Claim("mine") for key in digests}

    def extend(self, keys: Sequence[str], token: str, lease: float) -> None:
        """Have the caller's leases end later."""
        until = self._clock() + lease
        change = "SET #running_until = :until, #expiration = :gone"
        values = {":until": _number(until * 1000), ":gone": _number(until + lease), **_mine(token)}
        self._transactions.write({key: _update(key, _MINE, change, values) for key in keys})

    def complete(self, answers: Mapping[str, str], token: str, window: float) -> set[str]:
        """Remember answers. Returns the keys that another one has claimed."""
        gone = _number(self._clock() + window)
        change = "SET #status = :done, #data = :data, #expiration = :gone"
        same = {":done": {"S": "COMPLETED"}, ":gone": gone, ":token": {"S": token}}
        operations = {
            key: _update(key, "#token = :token", change, {**same, ":data": {"S": answer}})
            for key, answer in answers.items()
        }
        sizes = {key: len(answer.encode()) for key, answer in answers.items()}
        return set(self._transactions.write(operations, sizes))

    def release(self, keys: Sequence[str], token: str) -> None:
        """Give leases up."""
        self._transactions.write(
            {
                key: {
                    "Delete": {
                        "Key": {"id": {"S": key}},
                        "ConditionExpression": _MINE,
                        "ExpressionAttributeNames": _used(_MINE),
                        "ExpressionAttributeValues": _mine(token),
                    }
                }
                for key in keys
            }
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def _update(key: str, condition: str, change: str, values: dict[str, Any]) -> Operation:
    return {
        "Update": {
            "Key": {"id": {"S": key}},
            "UpdateExpression": change,
            "ConditionExpression": condition,
            "ExpressionAttributeNames": _used(change + condition),
            "ExpressionAttributeValues": values,
        }
    }


def _claim(item: dict[str, Any]) -> Claim:
    """Say what an item means that could not be claimed."""
    if item.get("status", {}).get("S") != "COMPLETED":
        return Claim("busy")
    digest, answer = (item.get(name, {}).get("S", "") for name in ("validation", "data"))
    return Claim("done", digest, answer or "null")


def _mine(token: str) -> dict[str, Any]:
    return {":token": {"S": token}, ":running": {"S": "INPROGRESS"}}


def _used(expressions: str) -> dict[str, str]:
    """The names that expressions use: the service refuses others."""
    return {mark: name for mark, name in _NAMES.items() if mark in expressions}


def _number(value: float) -> dict[str, str]:
    return {"N": str(int(value))}
