"""A payload becomes a message: its frame, once the registry has its schema."""

import uuid
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, get_args

from headrace.errors import HeadraceError, SettingsError
from headrace.payloads.registry.glue import GlueRegistry
from headrace.payloads.registry.http import HttpRegistry
from headrace.payloads.schema import Schema
from headrace.record import Headers

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient

WrittenFrame = Literal["confluent", "confluent-v1", "confluent-header", "glue", "glue-zlib"]
WRITTEN_FRAMES: tuple[str, ...] = get_args(WrittenFrame)

Frame = Callable[[bytes], tuple[bytes, Headers]]
"""Takes a payload, and gives the value of a message with its headers."""

_GLUE_REGISTRY = "default-registry"


def framed(registry: Any, frame: str, subject: str, schema: Schema) -> Frame:
    """Register a schema, and return what frames its payloads.

    Args:
        registry: where it is registered.
        frame: one of WRITTEN_FRAMES.
        subject: what it is registered as.
        schema: the schema.

    Raises:
        SettingsError: the frame is of another registry.
        HeadraceError: the registry refuses the schema, or is away.
    """
    if frame.startswith("glue"):
        if not isinstance(registry, GlueRegistry):
            raise SettingsError("--frame glue needs --schema-registry-url glue://REGION")
        number = uuid.UUID(_in_glue(registry.client, subject, schema)).bytes
        return _by_glue(number, compressed=frame == "glue-zlib")
    if not isinstance(registry, HttpRegistry):
        raise SettingsError(f"--frame {frame} needs a registry over HTTP; for Glue, --frame glue")
    found = registry.register(subject, schema)
    if frame == "confluent":
        return lambda payload: (b"\0" + found.id.to_bytes(4, "big") + payload, ())
    if found.guid is None:
        raise HeadraceError("the schema registry is too old: it gives schemas no GUID")
    named = b"\1" + uuid.UUID(found.guid).bytes
    if frame == "confluent-v1":
        return lambda payload: (named + payload, ())
    return _in_header(named, schema)


def _in_header(named: bytes, schema: Schema) -> Frame:
    if schema.format != "PROTOBUF":
        return lambda payload: (payload, (("__value_schema_id", named),))

    def frame(payload: bytes) -> tuple[bytes, Headers]:
        from headrace.payloads.formats.message_index import by_confluent  # noqa: PLC0415

        message = by_confluent(payload)[1]  # its place goes into the header
        place = payload[: len(payload) - len(message)]
        return message, (("__value_schema_id", named + place),)

    return frame


def _by_glue(number: bytes, *, compressed: bool) -> Frame:
    if compressed:
        return lambda payload: (b"\3\5" + number + zlib.compress(payload), ())
    return lambda payload: (b"\3\0" + number + payload, ())


def _in_glue(client: "GlueClient", name: str, schema: Schema) -> str:
    """Return the version of a schema in Glue, which is made if it is not there."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - as the client is

    place = {"RegistryName": _GLUE_REGISTRY, "SchemaName": name}
    try:
        found = client.get_schema_by_definition(SchemaId=place, SchemaDefinition=schema.text)  # type: ignore[arg-type]
        return found["SchemaVersionId"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "EntityNotFoundException":
            raise HeadraceError(f"AWS Glue: {error}") from None
    except BotoCoreError as error:
        raise HeadraceError(f"AWS Glue: {error}") from None
    return _made_in_glue(client, place, schema)


def _made_in_glue(client: "GlueClient", place: dict[str, str], schema: Schema) -> str:
    from botocore.exceptions import ClientError  # noqa: PLC0415

    try:
        try:
            made = client.create_schema(
                RegistryId={"RegistryName": place["RegistryName"]},
                SchemaName=place["SchemaName"],
                DataFormat=schema.format,
                Compatibility="BACKWARD",
                SchemaDefinition=schema.text,
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "AlreadyExistsException":
                raise
            more = client.register_schema_version(SchemaId=place, SchemaDefinition=schema.text)  # type: ignore[arg-type]
            return more["SchemaVersionId"]
        return made["SchemaVersionId"]
    except ClientError as error:
        raise HeadraceError(f"AWS Glue: {error}") from None
