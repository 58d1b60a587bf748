"""What a registry answers, checked: what is no answer of one says that it is away."""

from collections.abc import Mapping
from typing import Any, cast

from headrace import json_text
from headrace.payloads.schema import BadSchema, Format, RegistryAway

_FORMATS = {"AVRO", "PROTOBUF", "JSON"}


def read_object(body: bytes) -> dict[str, Any] | None:
    """Return the JSON object that an answer is, or None if it is none."""
    try:
        answer = json_text.decode(body)
    except json_text.JsonError:
        return None
    return answer if isinstance(answer, dict) else None


def format_of(found: Mapping[str, Any]) -> Format:
    """Return the language of a schema. Raises BadSchema if it is not known."""
    kind = found.get("schemaType") or "AVRO"
    if kind not in _FORMATS:
        raise BadSchema(f"it is of {kind!r}, which is not known")
    return cast("Format", kind)


def references_of(found: Mapping[str, Any]) -> list[tuple[str, tuple[str, int]]]:
    """Return the name, the subject and the version of each reference. Raises RegistryAway."""
    try:
        return [
            (str(one["name"]), (str(one["subject"]), int(one["version"])))
            for one in found.get("references") or ()
        ]
    except (LookupError, TypeError, ValueError):
        raise RegistryAway("the schema registry gave references that are none") from None


def text_of(found: Mapping[str, Any]) -> str:
    """Return the text of a schema. Raises RegistryAway if the answer has none."""
    text = found.get("schema")
    if not isinstance(text, str):
        raise RegistryAway("the schema registry gave a schema without its text")
    return text
