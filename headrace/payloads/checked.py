"""What is known of a key or a value that fits its schema."""

from typing import Any, NamedTuple

from headrace.record import PayloadSchema


class Checked(NamedTuple):
    """A key or a value.

    Attributes:
        schema: names its schema.
        payload: its bytes without their frame.
        value: what they hold.
    """

    schema: PayloadSchema
    payload: bytes
    value: Any
