"""What a schema registry is."""

from typing import Protocol

from headrace.payloads.schema import Schema, SchemaId


class Registry(Protocol):
    """Holds schemas. Any thread may ask.

    Attributes:
        by_number: whether its ids are numbers, if they come as text.
        is_glue: whether Protobuf's messages are numbered as AWS Glue does it.
    """

    by_number: bool
    is_glue: bool

    def schema(self, schema: SchemaId) -> Schema:
        """Return a schema, with all that it refers to.

        Raises:
            UnknownSchema: there is no such schema.
            BadSchema: it cannot be used.
            RegistryAway: nobody knows whether there is.
        """
        ...
