"""What is given: the records, and what the function does with them."""

from typing import Any, Literal

import msgspec
from msgspec import UNSET


class GivenRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A record that is written to the source.

    Attributes:
        name: what the requirement calls it, and its payload if that is not given.
        value: its payload: text, or a JSON value. Of an item in DynamoDB an object has attributes,
            typed as DynamoDB types them.
        key: key, partition key, item key or message group; None: it has none, if that can be.
        partition: the partition or shard where it is written.
        at: when it is written; 0: before the mapping begins.
        age: how old it is then.
        bytes: how large the payload is; it is filled up behind its name.
        headers: of a Kafka record, or attributes of a message.
        change: of an item: INSERT, MODIFY or REMOVE.
        expired: the item was deleted by its time to live.
    """

    name: str
    value: Any = UNSET
    key: str | None = "k"
    partition: int = 0
    at: float = 0.0
    age: float = 0.0
    bytes: int = 0
    headers: dict[str, str] = {}
    change: Literal["INSERT", "MODIFY", "REMOVE"] = "INSERT"
    expired: bool = False

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
