"""The stream of one table: what it is, and which shards it has.

A table that has its stream switched off and on again gets a new one. The old one is read to its
end, which is a clear end of the run: what came between the two was never recorded.
"""

from typing import Any

from headrace.names import table_of
from headrace.runner.dynamodb.settings import Clients
from headrace.runner.presence import SourceAbsent
from headrace.runner.shards.presence import looking_for
from headrace.runner.shards.stream import Shard, time_of

_OVER = {"DISABLED", "DISABLING"}


class TableStream:
    """A stream as it was found at the start.

    Args:
        clients: of the two services.
        table: the table's name, or the ARN of its stream.

    Attributes:
        table: the table's name.
        arn: the stream's ARN.
        what: how messages name it.
        identity: the ARN: each stream of a table has its own.
        closed: the stream is switched off.
        found_at: the service's own time when it was found, in seconds since the epoch.

    Raises:
        SourceAbsent: there is no such table, it has no stream, or the service does not answer for
            now.
        SettingsError: it may not be read.
    """

    def __init__(self, clients: Clients, table: str) -> None:
        self.client = clients.streams
        with looking_for(f"table {table!r}"):
            self.arn = table if "/stream/" in table else _stream_of(clients.tables, table)
            self.table = table_of(self.arn)
            self.what = f"table {self.table!r}"
            answer = self._describe()
        self.identity = self.arn
        self.closed = answer["StreamDescription"]["StreamStatus"] in _OVER
        self.found_at = time_of(answer)

    def shards(self) -> list[Shard]:
        """All its shards, closed ones too, as far as the service keeps them."""
        found: list[Shard] = []
        last: str | None = None
        while True:
            told = self._describe(last)["StreamDescription"]
            self.closed = told["StreamStatus"] in _OVER
            found += told.get("Shards", [])
            last = told.get("LastEvaluatedShardId")
            if last is None:
                return found

    def _describe(self, after: str | None = None) -> Any:
        where = {} if after is None else {"ExclusiveStartShardId": after}
        return self.client.describe_stream(StreamArn=self.arn, **where)


def is_open(shard: Shard) -> bool:
    """Whether changes may still come to a shard."""
    return "EndingSequenceNumber" not in shard.get("SequenceNumberRange", {})


def _stream_of(client: Any, table: str) -> str:
    told = client.describe_table(TableName=table)["Table"]
    if not told.get("StreamSpecification", {}).get("StreamEnabled"):
        raise SourceAbsent(f"table {table!r} has no stream: switch one on (StreamSpecification)")
    arn: str = told["LatestStreamArn"]
    return arn
