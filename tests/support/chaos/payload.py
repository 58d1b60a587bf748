"""What the records of a chaos run say."""

import msgspec


class Payload(msgspec.Struct):
    """The value of a record: its number within its key, and whether it is made to fail."""

    sequence: int
    poison: bool = False
