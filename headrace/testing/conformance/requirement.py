"""A requirement of AWS Lambda's event source mapping, as data.

Times are seconds since the mapping began. A record's name is what its payload is known by.
"""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

SourceName = Literal["kafka", "kinesis", "dynamodb", "sqs", "fifo"]

SOURCES: dict[SourceName, str] = {
    "kafka": "Kafka",
    "kinesis": "Kinesis",
    "dynamodb": "DynamoDB Streams",
    "sqs": "SQS",
    "fifo": "SQS FIFO",
}
"""The sources, and what people call them."""

_GUIDE = "https://docs.aws.amazon.com/lambda/latest/dg/{}.html"
_API = "https://docs.aws.amazon.com/lambda/latest/api/{}.html"
_RECORDED = "recorded"


class GivenRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A record that is written to the source.

    Attributes:
        name: what the requirement calls it, and its payload if that is not given.
        value: its payload: text, or a JSON value.
        key: key, partition key, item key or message group; None: it has none, if that can be.
        partition: the partition or shard where it is written.
        at: when it is written; 0: before the mapping begins.
        age: how old it is then.
        bytes: how large the payload is; it is filled up behind its name.
        headers: of a Kafka record, or attributes of a message.
    """

    name: str
    value: Any = UNSET
    key: str | None = "k"
    partition: int = 0
    at: float = 0.0
    age: float = 0.0
    bytes: int = 0
    headers: dict[str, str] = {}

    def payload(self) -> str:
        """Return the payload as text."""
        if self.value is None:
            return ""
        if self.bytes:
            return self.name + "." * (self.bytes - len(self.name))
        if self.value is UNSET:
            return self.name
        if isinstance(self.value, str):
            return self.value
        return msgspec.json.encode(self.value).decode()


class Script(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the function does. It succeeds unless something here says otherwise.

    Attributes:
        answers: what it does at its first invocation, its second, and so on (see `function`).
        fails: it raises while one of these records is in its batch, so many times; -1: each time.
        reports: it names these records as failed whenever they are in its batch, so many times.
        together: the first so many invocations wait until all of them are under way.
        seconds: how long an invocation takes.
        keeps_state: under tumbling windows, it returns a state.
    """

    answers: list[Any] = []
    fails: dict[str, int] = {}
    reports: dict[str, int] = {}
    together: int = 0
    seconds: float = 0.0
    keeps_state: bool = True


class Expected(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What must come of it. What is not said is not asked.

    Attributes:
        deliveries: the records of each invocation, in order.
        lanes: for each key, its records in the order of their first deliveries.
        times: how often records are delivered.
        begins: when invocations begin, at the earliest; None: at any time.
        begins_by: when they begin, at the latest.
        at_once: how many invocations run at once, at most.
        position: the record up to which each partition is done; "all": the last one of each.
        failures: the condition of the failure record of each record that is given up.
        failure_record: fields of the first failure record, by their paths; null: not there.
        events: fields of the events, one invocation after the other, by their paths.
        refused: the mapping cannot be made.
        left: messages that are still in the queue.
        dead: messages that the queue has moved to its dead-letter queue.
    """

    deliveries: list[list[str]] | UnsetType = UNSET
    lanes: dict[str, list[str]] | UnsetType = UNSET
    times: dict[str, int] = {}
    begins: list[float | None] = []
    begins_by: list[float | None] = []
    at_once: int | UnsetType = UNSET
    position: str | dict[int, str | None] | UnsetType = UNSET
    failures: dict[str, str] = {}
    failure_record: dict[str, Any] = {}
    events: list[dict[str, Any]] = []
    refused: bool = False
    left: list[str] | UnsetType = UNSET
    dead: list[str] | UnsetType = UNSET


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
