"""The message of a result: what tells its record is made if a sink asks for it.

A table asks for the position alone. A name and a header for each record would cost it as much as
the rest of the message.
"""

from typing import Any

from headrace.record import Headers
from headrace.sinks.base import Message

_headers_of = vars(Message)["headers"].__get__


class Result(Message, frozen=True):
    """A message that has a record's id, and a header that says so.

    It is equal to the plain message that says the same.

    Attributes:
        is_json: the value was made by our own encoder: nobody needs to look whether it is JSON.
    """

    is_json: bool = False

    @property  # type: ignore[misc]  # a field there
    def id(self) -> str:
        """As of any message."""
        return str(self.position)

    @property  # type: ignore[misc]  # a field there
    def headers(self) -> Headers:
        """As of any message: those of a forwarded record, and the origin."""
        return (*_headers_of(self), ("headrace-source", self.id.encode()))

    def plain(self) -> Message:
        """Return a message that holds all of it."""
        return Message(self.key, self.value, self.headers, self.id, self.position)

    def __eq__(self, other: object) -> bool:
        return self.plain() == (other.plain() if isinstance(other, Result) else other)

    def __hash__(self) -> int:
        return hash(self.plain())

    def __repr__(self) -> str:
        return repr(self.plain())

    def __reduce__(self) -> Any:
        return self.plain().__reduce__()
