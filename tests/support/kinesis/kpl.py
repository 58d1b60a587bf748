"""Aggregates as the Kinesis Producer Library makes them, written by Google's Protocol Buffers."""

import base64
import hashlib
from functools import cache

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

MAGIC = b"\xf3\x89\x9a\xc2"
_TYPES = descriptor_pb2.FieldDescriptorProto

# Made by version 1.2.3 of the Python library of AWS Labs, aws_kinesis_agg.
GOLDEN = base64.b64decode(
    "84mawgoFYWxpY2UKA2JvYhInMTcwMTQxMTgzNDYwNDY5MjMxNzMxNjg3MzAzNzE1ODg0MTA1NzI4GgcIABoDb25lGgcIABoD"
    "dHdvGgYIARAAGgC63wgrTq1H0QbEmPXLRS9c"
)


def aggregate(records, extra: bytes = b"") -> bytes:
    """Pack (partition key, explicit hash key or None, data) into one.

    Args:
        records: what to pack.
        extra: further bytes of the message.
    """
    message = _message()()
    keys = sorted({key for key, _, _ in records})
    hashes = sorted({explicit for _, explicit, _ in records if explicit is not None})
    message.partition_key_table.extend(keys)
    message.explicit_hash_key_table.extend(hashes)
    for key, explicit, data in records:
        packed = message.records.add(partition_key_index=keys.index(key), data=data)
        if explicit is not None:
            packed.explicit_hash_key_index = hashes.index(explicit)
        packed.tags.add(key="tags", value="are ignored")
    return sealed(message.SerializeToString() + extra)


def sealed(message: bytes) -> bytes:
    """A message between the magic number and its digest."""
    return MAGIC + message + hashlib.md5(message).digest()


@cache
def _message():
    file = descriptor_pb2.FileDescriptorProto(name="kpl.proto", package="kpl", syntax="proto2")
    for name, fields in {
        "Tag": [("key", "STRING", "REQUIRED"), ("value", "STRING", "OPTIONAL")],
        "Packed": [
            ("partition_key_index", "UINT64", "REQUIRED"),
            ("explicit_hash_key_index", "UINT64", "OPTIONAL"),
            ("data", "BYTES", "REQUIRED"),
            ("tags", ".kpl.Tag", "REPEATED"),
        ],
        "Aggregate": [
            ("partition_key_table", "STRING", "REPEATED"),
            ("explicit_hash_key_table", "STRING", "REPEATED"),
            ("records", ".kpl.Packed", "REPEATED"),
        ],
    }.items():
        message = file.message_type.add(name=name)
        for number, (field, kind, label) in enumerate(fields, start=1):
            of = {"type_name": kind} if kind.startswith(".") else {}
            code = "MESSAGE" if of else kind
            message.field.add(
                name=field,
                number=number,
                type=getattr(_TYPES, f"TYPE_{code}"),
                label=getattr(_TYPES, f"LABEL_{label}"),
                **of,
            )
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("kpl.Aggregate"))
