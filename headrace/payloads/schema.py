"""A schema as a registry gives it, and what can be wrong with it or with a payload."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal, NamedTuple

from headrace.errors import HeadraceError, NotDone

Format = Literal["AVRO", "PROTOBUF", "JSON"]

SchemaId = int | str
"""A number (Confluent), or a UUID in its usual form (Confluent's GUID, Glue's version)."""

Decode = Callable[[bytes], Any]
"""Reads a payload without its frame. Raises DoesNotFit."""


_BASE64 = re.compile(r"[A-Za-z0-9+/\s]+(?:={1,2}\s*)?")


class Schema(NamedTuple):
    """A schema with all that it refers to.

    Attributes:
        format: its language.
        text: its source. Of Protobuf it may also be a serialized file descriptor in base64.
        references: the schemas that it names, by the names that it has for them.
    """

    format: Format
    text: str
    references: "tuple[tuple[str, Schema], ...]" = ()

    def ordered(self) -> "Iterator[tuple[str, Schema]]":
        """Yield everything that it refers to, each name once, what is referred to first."""
        seen: set[str] = set()

        def below(schema: Schema) -> "Iterator[tuple[str, Schema]]":
            for name, inner in schema.references:
                if name not in seen:
                    seen.add(name)
                    yield from below(inner)
                    yield name, inner

        return below(self)


def is_serialized(text: str) -> bool:
    """Return whether a Protobuf file is a descriptor in base64: its text has other characters."""
    return _BASE64.fullmatch(text) is not None


class DoesNotFit(HeadraceError):
    """A payload does not fit its schema.

    Args:
        detail: what is wrong.
        errors: one entry per separate fault.
    """

    def __init__(self, detail: str, errors: Sequence[object] = ()) -> None:
        super().__init__(detail)
        self.errors = tuple(errors)


class BadSchema(HeadraceError):
    """A schema cannot be read, so no payload can be read by it."""


class UnknownSchema(HeadraceError):
    """The registry answers, and knows no such schema."""


class CannotRead(NotDone):
    """What reads a format is not installed: the record comes again, and uses up no retry."""


class RegistryAway(NotDone):
    """The registry does not answer, or not as a registry does.

    The record was not attempted: it comes again, however often, and uses up no retry.
    """
