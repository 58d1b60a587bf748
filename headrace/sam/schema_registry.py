"""`SchemaRegistryConfig` of a Kafka event, as settings of the mapping."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from headrace.errors import SettingsError
from headrace.explain import explain
from headrace.payloads.settings import Attribute, RecordFormat
from headrace.plan.given import Given
from headrace.plan.unknown import Unknown, find_unknown

NAME = "SchemaRegistryConfig"
OF_THE_MAPPING = ("event_record_format", "schema_validation_attributes", "schema_registry_access")
"""Settings that only the mapping has; a registry's address may be the function's, too."""


class _Access(msgspec.Struct, forbid_unknown_fields=True, rename="pascal"):
    type: Literal["BASIC_AUTH", "CLIENT_CERTIFICATE_TLS_AUTH", "SERVER_ROOT_CA_CERTIFICATE"]
    uri: str = msgspec.field(name="URI")


class _Validation(msgspec.Struct, forbid_unknown_fields=True, rename="pascal"):
    attribute: Attribute


class _Config(msgspec.Struct, forbid_unknown_fields=True, rename="pascal"):
    """What is known without AWS."""

    event_record_format: RecordFormat
    schema_validation_configs: Annotated[list[_Validation], Meta(min_length=1)]
    schema_registry_uri: str | UnsetType = msgspec.field(default=UNSET, name="SchemaRegistryURI")
    access_configs: list[_Access] | UnsetType = UNSET


def read_registry(config: Any, place: str) -> tuple[dict[str, Given], list[str]]:
    """Return settings, and notes on what the template leaves to AWS.

    Args:
        config: as the template has it, resolved.
        place: where it stands.

    Raises:
        SettingsError: it is wrong; the message names the place.
    """
    if not isinstance(config, dict):
        raise SettingsError(f"{place}: expected an object, got {config!r}")
    uri = config.get("SchemaRegistryURI")
    if uri is None:
        raise SettingsError(f"{place}: SchemaRegistryURI is missing")
    known = {name: value for name, value in config.items() if find_unknown(value) is None}
    try:
        found = msgspec.convert(known, _Config)
    except msgspec.ValidationError as error:
        what, where = explain(error)
        raise SettingsError(f"{place}{where}: {what}") from None
    attributes = [one.attribute for one in found.schema_validation_configs]
    values: dict[str, Any] = {
        "event_record_format": found.event_record_format,
        "schema_validation_attributes": ",".join(attributes),
    }
    given = {name: Given(value, place) for name, value in values.items()}
    there = f"{place}.SchemaRegistryURI"
    url = uri if isinstance(uri, Unknown) else _url(uri, there)
    given["schema_registry_url"] = Given(url, there)
    return given | _access(found, place), _notes(config, place)


def _access(found: _Config, place: str) -> dict[str, Given]:
    if found.access_configs is UNSET or not found.access_configs:
        return {}
    secrets = [f"{one.type}={one.uri}" for one in found.access_configs]
    return {"schema_registry_access": Given(",".join(secrets), f"{place}.AccessConfigs")}


def _notes(config: dict[str, Any], place: str) -> list[str]:
    unknown = find_unknown(config.get("AccessConfigs"))
    if unknown is None:
        return []
    return [
        f"{place}.AccessConfigs: {unknown} is known on AWS only: sign in by"
        " --schema-registry-credentials-file or --schema-registry-username"
    ]


def _url(uri: Any, place: str) -> str:
    """Return the registry of an ARN of Glue or of an address."""
    parts = str(uri).split(":")
    if parts[0] == "arn" and len(parts) >= 6 and parts[2] == "glue":
        return f"glue://{parts[3]}"
    if str(uri).startswith(("https://", "http://")):
        return str(uri)
    raise SettingsError(
        f"{place}: expected the ARN of a Glue registry or https://…, got {str(uri)!r}"
    )
