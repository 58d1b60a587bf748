"""Records that the Kinesis Producer Library (KPL) packed into one, taken apart.

An aggregate is the magic number F3 89 9A C2, a message in Protocol Buffers, and the MD5 of that
message. The message has two tables of strings (partition keys, explicit hash keys) and the user
records, which name their keys by index into the tables. Whatever is not exactly that is no
aggregate: it is passed on as it came, so that nothing is lost by a guess.

The format has five fields, so it is read here, in place of a dependency on a Protocol Buffers
runtime that every cold start would pay for. A message of a megabyte can claim a great deal, so what
Kinesis itself would not take as a key, and more user records than a producer packs, are no
aggregate either.
"""

from collections.abc import Callable, Iterator, Sequence

import msgspec

from headrace.record import KinesisPosition, Record, kinesis_position

MAGIC = b"\xf3\x89\x9a\xc2"
_DIGEST_SIZE = 16

# Kinesis's own limit for partition keys, in characters.
_LONGEST_KEY = 256
# Each takes some 300 bytes of memory, however small it is in the message.
_MOST_USER_RECORDS = 100_000
# Bits of a number in a message.
_LONGEST_NUMBER = 64


class UserRecord(msgspec.Struct, frozen=True, gc=False):
    """One record as a producer gave it to the KPL."""

    data: bytes
    partition_key: str
    explicit_hash_key: str | None

    @property
    def hash_key(self) -> int:
        """The number, 0 to 2^128 - 1, that decides on the shard."""
        if self.explicit_hash_key is not None and self.explicit_hash_key.isdecimal():
            return int(self.explicit_hash_key)
        return int.from_bytes(_md5(self.partition_key.encode()), "big")


def _md5(data: bytes) -> bytes:
    from hashlib import md5  # noqa: PLC0415 - OpenSSL, which few records need

    return md5(data, usedforsecurity=False).digest()


def is_aggregate(data: bytes | None) -> bool:
    """Whether this looks like an aggregate; quick, and not the last word."""
    return data is not None and data.startswith(MAGIC)


def user_records(
    record: Record, keep: Callable[[UserRecord], bool] | None = None
) -> Sequence[Record]:
    """The user records of an aggregate, numbered in their positions; any other record by itself.

    Args:
        record: as Kinesis delivered it.
        keep: chooses user records; None keeps all. The others leave gaps in the numbers.
    """
    unpacked = unpack(record.value or b"")
    if unpacked is None:
        return (record,)
    position = kinesis_position(record)
    keys = {user.partition_key: user.partition_key.encode() for user in unpacked}  # one of each
    return [
        Record(
            record.source,
            KinesisPosition(position.stream, position.shard, position.sequence_number, number),
            user.data,
            keys[user.partition_key],
            (),
            record.timestamp,
        )
        for number, user in enumerate(unpacked)
        if keep is None or keep(user)
    ]


def unpack(data: bytes) -> list[UserRecord] | None:
    """The user records of an aggregate in their order; None if the data is no aggregate."""
    if not is_aggregate(data) or len(data) <= len(MAGIC) + _DIGEST_SIZE:
        return None
    message, digest = data[len(MAGIC) : -_DIGEST_SIZE], data[-_DIGEST_SIZE:]
    if _md5(message) != digest:
        return None
    try:
        return _read_message(memoryview(message))
    except (IndexError, UnicodeDecodeError, ValueError):
        return None


def _read_message(message: memoryview) -> list[UserRecord]:
    tables: dict[int, list[str]] = {1: [], 2: []}  # partition keys, explicit hash keys
    packed: list[memoryview] = []
    for number, value in _fields(message):
        if isinstance(value, int):
            continue
        if number in tables:
            tables[number].append(_key(value))
        elif number == 3:
            packed.append(value)
    if len(packed) > _MOST_USER_RECORDS:
        raise ValueError(f"{len(packed)} user records")
    return [_user_record(value, tables) for value in packed]


def _key(value: memoryview) -> str:
    key = str(value, "utf-8")
    if len(key) > _LONGEST_KEY:
        raise ValueError(f"a key of {len(key)} characters")
    return key


def _user_record(value: memoryview, tables: dict[int, list[str]]) -> UserRecord:
    fields = dict(_fields(value))
    key, explicit, data = fields.get(1), fields.get(2), fields.get(3)
    if not isinstance(key, int) or not isinstance(data, memoryview):
        raise ValueError("a user record without a key or data")
    hash_key = tables[2][explicit] if isinstance(explicit, int) else None
    return UserRecord(bytes(data), tables[1][key], hash_key)


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """The fields of a message: (number, value). Raises ValueError or IndexError if it is cut."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        kind = tag & 7
        if kind == 0:
            value, at = _varint(message, at)
            yield tag >> 3, value
            continue
        if kind == 2:
            size, at = _varint(message, at)
        elif kind in (1, 5):
            size = 8 if kind == 1 else 4
        else:
            raise ValueError(f"wire type {kind}")
        if at + size > len(message):
            raise ValueError("the message is cut off")
        yield tag >> 3, message[at : at + size]
        at += size


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value, at
        shift += 7
        if shift >= _LONGEST_NUMBER:
            raise ValueError("a number of more than 64 bits")
