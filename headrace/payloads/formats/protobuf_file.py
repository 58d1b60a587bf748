"""A Protobuf file as a descriptor, of its text or of what a registry has made of that."""

import re
from importlib import import_module
from typing import Any

from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool

from headrace.errors import HeadraceError, message_of
from headrace.payloads.formats.protobuf_text import compiled, serialized
from headrace.payloads.schema import BadSchema, Schema, is_serialized

ROOT = "headrace_payload.proto"
"""What the file itself is called, which nothing refers to."""

_OF_GOOGLE = re.compile(r"google/protobuf/\w+\.proto")


def file_of(schema: Schema) -> Any:
    """Return the file descriptor of a schema, with all that it imports.

    Raises:
        BadSchema: it is no Protobuf file.
        HeadraceError: it is text, and grpcio-tools is not installed.
    """
    try:
        pool = DescriptorPool()
        files = files_of(schema)
        for name in {name for file in files for name in file.dependency}:
            if _OF_GOOGLE.fullmatch(name) and name not in {file.name for file in files}:
                _add_google(pool, name, set())
        for file in files:
            pool.Add(file)
        return pool.FindFileByName(ROOT)
    except HeadraceError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever stands in the schema
        raise BadSchema(f"it is no Protobuf file: {message_of(error)}") from None


def files_of(schema: Schema) -> list[FileDescriptorProto]:
    """Return the files of a schema: what it imports, and at last the file itself, named ROOT."""
    texts = {name: inner.text for name, inner in schema.ordered()} | {ROOT: schema.text}
    return [
        serialized(name, text) if is_serialized(text) else compiled(name, texts)
        for name, text in texts.items()
    ]


def _add_google(pool: DescriptorPool, name: str, seen: set[str]) -> None:
    """Add one of Google's own files, which no registry has, and those that it imports."""
    if name in seen:
        return
    seen.add(name)
    module = import_module(name.removesuffix(".proto").replace("/", ".") + "_pb2")
    file = FileDescriptorProto.FromString(module.DESCRIPTOR.serialized_pb)
    for inner in file.dependency:
        _add_google(pool, inner, seen)
    pool.Add(file)
