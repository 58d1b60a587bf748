"""What a client of the registry asks, and an answer that is an error."""

from typing import Any, NamedTuple

import msgspec

from headrace.testing.schema_registry.content import Stored


class Refusal(Exception):
    """An answer that is an error.

    Args:
        status: of HTTP.
        code: Confluent's.
        message: for people.
    """

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class Request(NamedTuple):
    """What a client asks: the parts of its path that are names, its query, its body."""

    names: tuple[str, ...]
    query: dict[str, str]
    body: bytes


def stored_of(body: bytes) -> Stored:
    """Return the schema that a body holds. Raises Refusal."""
    try:
        return msgspec.json.decode(body, type=Stored)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise Refusal(422, 42201, f"Invalid schema: {error}") from None


def object_of(body: bytes) -> dict[str, Any]:
    """Return the object that a body holds. Raises Refusal."""
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise Refusal(422, 422, str(error)) from None


def number_of(text: str) -> int:
    """Return the id or version in a path. Raises Refusal."""
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise Refusal(404, 40403, f"{text[:100]!r} is no number")
    return int(text)
