"""Conditional writes of many items of a DynamoDB table, each of which may be refused by itself.

A call is a transaction of up to 100 items, and of some megabytes. The service makes all of its
writes or none; if the condition of some does not hold, it is made again without them.
"""

import random
import time
from collections.abc import Mapping
from typing import Any

from headrace.by_size import by_size
from headrace.errors import HeadraceError

_MOST_KEYS = 100
_MOST_BYTES = 3 << 20  # the service takes 4 MB, keys and all else included
_TRIES = 8

Item = dict[str, Any]
Operation = dict[str, dict[str, Any]]


class Transactions:
    """Writes of one table.

    Args:
        client: a boto3 client.
        table: its name.
    """

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._more = {"TableName": table, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}

    def write(
        self, operations: Mapping[str, Operation], sizes: Mapping[str, int] | None = None
    ) -> dict[str, Item]:
        """Write all whose condition holds. Returns the items of the others, as they are.

        Args:
            operations: the write of each key.
            sizes: bytes of those that may be large.

        Raises:
            HeadraceError: others write the same items without end.
        """
        refused: dict[str, Item] = {}
        found = dict.fromkeys(operations, 0) | dict(sizes or {})
        for part in by_size(found, _MOST_BYTES, _MOST_KEYS):
            refused |= self._write({key: operations[key] for key in part})
        return refused

    def _write(self, operations: Mapping[str, Operation]) -> dict[str, Item]:
        refused: dict[str, Item] = {}
        for tries in range(_TRIES):
            left = [key for key in operations if key not in refused]
            found = self._transact([operations[key] for key in left]) if left else []
            if found is None:  # in the way of another transaction, which soon ends
                time.sleep(random.uniform(0, 0.05 * 2**tries))  # noqa: S311
                continue
            news = {k: item for k, item in zip(left, found, strict=False) if item is not None}
            refused |= news
            if not news:
                return refused
        raise HeadraceError("the table does not come to rest: too many write the same items")

    def _transact(self, operations: list[Operation]) -> list[Item | None] | None:
        """Return the item of each write that was refused; nothing if all are made."""
        try:
            self._client.transact_write_items(
                TransactItems=[
                    {kind: what | self._more for kind, what in operation.items()}
                    for operation in operations
                ]
            )
        except self._client.exceptions.TransactionCanceledException as error:
            reasons = error.response["CancellationReasons"]
            found = [
                reason.get("Item", {}) if reason.get("Code") == "ConditionalCheckFailed" else None
                for reason in reasons
            ]
            return None if all(item is None for item in found) else found
        return []
