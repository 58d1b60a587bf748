"""A requirement of AWS Lambda's event source mapping, as data.

Times are seconds since the mapping began. A record's name is what its payload is known by.
"""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from headrace.testing.conformance.expected import Expected
from headrace.testing.conformance.given import GivenRecord, Script

SourceName = Literal["kafka", "kinesis", "dynamodb", "sqs", "fifo"]

SOURCES: dict[SourceName, str] = {
    "kafka": "Kafka",
    "kinesis": "Kinesis",
    "dynamodb": "DynamoDB Streams",
    "sqs": "SQS",
    "fifo": "SQS FIFO",
}
"""The sources, and what people call them."""

QUEUES = frozenset({"sqs", "fifo"})

_GUIDE = "https://docs.aws.amazon.com/lambda/latest/dg/{}.html"
_API = "https://docs.aws.amazon.com/lambda/latest/api/{}.html"
_RECORDED = "recorded"


class Requirement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What AWS promises of a mapping of one source, and how it shows.

    Attributes:
        id: its name: the source, and what it is about.
        says: the promise.
        page: where AWS says so: a page of the developer guide or of the API, or "recorded".
        two_ways: how AWS documents it otherwise elsewhere; None: it does not.
        source: what is read.
        mapping: properties of the mapping, in AWS's names. `{ago: 30}` is a time before the start.
        queue: properties of the queue, in AWS's names.
        partitions: how many partitions or shards there are.
        parents: shards that came of another one, which is closed: the parent of each.
        begun: positions that are committed before: the last record done, by partition.
        records: what is written.
        function: what the function does.
        expect: what must come of it.
    """

    id: str
    says: str
    page: str
    two_ways: str | None = None
    source: SourceName
    mapping: dict[str, Any] = {}
    queue: dict[str, str] = {}
    partitions: int = 1
    parents: dict[int, int] = {}
    begun: dict[int, str] = {}
    records: list[GivenRecord] = []
    function: Script = Script()
    expect: Expected

    @property
    def url(self) -> str:
        """Return the address of the page; empty if it was recorded."""
        if self.page == _RECORDED:
            return ""
        return (_API if self.page.startswith("API_") else _GUIDE).format(self.page)

    def names(self) -> Mapping[str, str]:
        """Return the names of the records, by their payloads."""
        return {record.payload(): record.name for record in self.records}
