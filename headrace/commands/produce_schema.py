"""`headrace produce --avro FILE`: the flags that write messages by a schema of a registry."""

import argparse
from collections.abc import Callable
from typing import Any

import msgspec

from headrace import json_text, whole_file
from headrace.commands.flags import add_flag, described, over_variables
from headrace.errors import HeadraceError, SettingsError
from headrace.payloads.settings import RegistrySettings
from headrace.plan.given import flag_of
from headrace.sinks import Message
from headrace.sinks.url import SinkUrl

_FRAMES = ("confluent", "confluent-v1", "confluent-header", "glue", "glue-zlib")
_FORMATS = {"avro": "AVRO", "protobuf": "PROTOBUF", "json_schema": "JSON"}

Framed = Callable[[Message], Message]


def add_schema_flags(parser: argparse.ArgumentParser) -> None:
    """Describe the flags."""
    group = parser.add_argument_group(
        "Schema registry",
        "Lines are written by the schema, which is registered as TOPIC-value unless it is there.",
    )
    formats = group.add_mutually_exclusive_group()
    for name, what in (
        ("avro", "the Avro schema"),
        ("protobuf", "the .proto"),
        ("json-schema", "the JSON Schema"),
    ):
        formats.add_argument(
            f"--{name}", metavar="FILE", help=f"The file with {what} that the messages follow."
        )
    group.add_argument(
        "--frame",
        choices=_FRAMES,
        help="How a message names its schema. Default: confluent.",
    )
    group.add_argument(
        "--message",
        metavar="NAME",
        help="The full name of the message in the .proto. Default: the first one.",
    )
    group.add_argument(
        "--subject", metavar="NAME", help="What the schema is registered as. Default: TOPIC-value."
    )
    texts = described(RegistrySettings)
    for field in msgspec.structs.fields(RegistrySettings):
        add_flag(group, field, texts[field.name], flag_of(field.name))


def framing(args: argparse.Namespace) -> Framed | None:
    """Register the schema that is named, and return what writes messages by it; None without one.

    Raises:
        HeadraceError: the schema, a flag or the registry is wrong.
    """
    given = {form: getattr(args, name) for name, form in _FORMATS.items() if getattr(args, name)}
    if not given:
        _refuse_without_schema(args)
        return None
    ((form, file),) = given.items()
    if args.message and form != "PROTOBUF":
        raise SettingsError("--message goes with --protobuf")
    try:
        return _framing(args, form, whole_file.text(file))
    except ModuleNotFoundError as error:
        from headrace.extras import needs  # noqa: PLC0415

        raise needs("schemas", error) from None
    except UnicodeDecodeError:
        raise SettingsError(f"{file} is not UTF-8") from None


def _framing(args: argparse.Namespace, form: Any, text: str) -> Framed:
    from headrace.payloads.registry.opening import open_registry  # noqa: PLC0415 - for few
    from headrace.payloads.schema import Schema  # noqa: PLC0415
    from headrace.payloads.writing.encoding import Unfit, encoder  # noqa: PLC0415
    from headrace.payloads.writing.framing import framed  # noqa: PLC0415

    schema = Schema(form, text)
    registry = open_registry(over_variables(RegistrySettings, args, flag_of))
    encode = encoder(schema, args.message, glue=registry.is_glue)
    frame = framed(registry, args.frame or _FRAMES[0], _subject(args), schema)

    def write(message: Message) -> Message:
        line = message.value or b""
        try:
            value, headers = frame(encode(json_text.decode(line)))
        except (Unfit, json_text.JsonError) as error:
            shown = line[:80].decode(errors="replace")
            raise HeadraceError(f"a message does not fit the schema: {error}: {shown}") from None
        return Message(message.key, value, headers)

    return write


def _subject(args: argparse.Namespace) -> str:
    """Return what the schema is registered as: by the name of the topic, as serializers do it."""
    if args.subject:
        return str(args.subject)
    topic = SinkUrl.parse(args.to).path.strip("/")
    if not topic or "/" in topic:
        raise SettingsError("--subject is missing: the sink's URL names no topic")
    return topic if (args.frame or "").startswith("glue") else f"{topic}-value"


def _refuse_without_schema(args: argparse.Namespace) -> None:
    for name in ("frame", "message", "subject", *RegistrySettings.__struct_fields__):
        if getattr(args, name):
            raise SettingsError(f"{flag_of(name)} goes with --avro, --protobuf or --json-schema")
