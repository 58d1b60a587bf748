"""A declared type: it reads a record's value, or says all that is wrong with it."""

from contextlib import suppress
from itertools import islice
from typing import Any, Protocol, get_args

import msgspec

from headrace.errors import Reject, WorkerError
from headrace.input.mistakes import MOST, UNFIT, convert, mistakes
from headrace.input.reading import DEFS, takes_none, unfit
from headrace.record import Record
from headrace.unread_record import UnreadJson


class InputType(Protocol):
    """What a worker takes."""

    takes_none: bool

    def read(self, record: Record) -> Any:
        """Return the value of a record. Raises Reject, which lists each wrong field."""
        ...

    def fit(self, value: Any) -> Any:
        """Return a value that was read already. Raises Reject, which lists each wrong field.

        Args:
            value: of JSON's types, and bytes, times, UUIDs and decimals.
        """
        ...

    def schema(self, ref: str = DEFS) -> dict[str, Any]:
        """Return the JSON Schema of what is taken.

        Args:
            ref: how a type in it is referred to, such as `#/$defs/{}`; all are below `$defs`.
        """
        ...


def input_type(kind: Any) -> InputType:
    """Make the reader of a declared type.

    Args:
        kind: a msgspec Struct, a dataclass, a TypedDict, a pydantic model, or a type of those.

    Raises:
        WorkerError: nothing can be read into the type.
    """
    if _is_pydantic(kind):
        from headrace.input.pydantic_types import PydanticType  # noqa: PLC0415 - as it is installed

        return PydanticType(kind)
    return MsgspecType(kind)


class MsgspecType:
    """A Struct, a dataclass, a TypedDict, or any other type that msgspec reads.

    Args:
        kind: the type.

    Raises:
        WorkerError: msgspec reads no such type.
    """

    def __init__(self, kind: Any) -> None:
        self._kind = kind
        self.takes_none = takes_none(kind)
        try:
            self._decode = msgspec.json.Decoder(kind).decode
            self.schema()
        except (TypeError, NameError) as error:
            reason = str(error).splitlines()[-1]  # before it, advice about msgspec
            raise WorkerError(f"the input {_name(kind)} cannot be read: {reason}") from None

    def read(self, record: Record) -> Any:
        """Return the value of a record. Raises Reject, which lists each wrong field."""
        if isinstance(record, UnreadJson):
            with suppress(Reject):  # what JSON alone tells is said below
                return self.fit(record.json())
        if record.value is None and self.takes_none:
            return None
        try:
            return self._decode(record.value or b"")
        except (msgspec.DecodeError, UnicodeError, RecursionError, OverflowError):
            return self.fit(record.json())  # the whole of JSON is `json_text`'s to decide

    def fit(self, value: Any) -> Any:
        """Return a value that was read already. Raises Reject, which lists each wrong field."""
        try:
            return convert(value, self._kind)
        except UNFIT:
            raise unfit(list(islice(mistakes(value, self._kind), MOST))) from None

    def schema(self, ref: str = DEFS) -> dict[str, Any]:
        """Return the JSON Schema of what is taken."""
        template = ref.replace("{}", "{name}")
        (schema,), types = msgspec.json.schema_components([self._kind], ref_template=template)
        return {**schema, "$defs": types} if types else schema


def _is_pydantic(kind: Any) -> bool:
    is_made_so = hasattr(kind, "__pydantic_validator__")
    return is_made_so or any(_is_pydantic(part) for part in get_args(kind))


def _name(kind: Any) -> str:
    return getattr(kind, "__name__", None) or str(kind)
