"""What a worker is told about keys and values that follow a schema of a registry."""

from typing import Literal

import msgspec

from headrace.errors import SettingsError
from headrace.settings import variable

Frame = Literal["confluent", "confluent-header", "glue", "lambda-source"]
"""How a key or a value names its schema: see `headrace.payloads.frames`."""


Attribute = Literal["KEY", "VALUE"]
RecordFormat = Literal["JSON", "SOURCE"]
ACCESS = ("BASIC_AUTH", "CLIENT_CERTIFICATE_TLS_AUTH", "SERVER_ROOT_CA_CERTIFICATE")


class RegistrySettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where a schema registry is, and how to sign in there.

    Attributes:
        schema_registry_url: The schema registry of keys and values, as http://HOST:PORT or
            https://HOST (Confluent's interface; several with commas are tried in turn), or as
            glue://REGION.
        schema_registry_username: The user name for the registry. The password is read from
            HEADRACE_SCHEMA_REGISTRY_PASSWORD. A bearer token is read from
            HEADRACE_SCHEMA_REGISTRY_TOKEN.
        schema_registry_credentials_file: A JSON file with what signs in to the registry:
            `{"username", "password"}`, `{"token"}` or `{"certificate", "privateKey"}`.
        schema_registry_ca_location: The file with the certificate authorities to trust for the
            registry. Unless it is set, those of the system are trusted.
        schema_registry_certificate_location: The file with the client's certificate for the
            registry, in PEM.
        schema_registry_key_location: The file with the private key of that certificate, in PEM,
            without a password.
    """

    schema_registry_url: str | None = None
    schema_registry_username: str | None = None
    schema_registry_credentials_file: str | None = None
    schema_registry_ca_location: str | None = None
    schema_registry_certificate_location: str | None = None
    schema_registry_key_location: str | None = None


class PayloadSettings(RegistrySettings, frozen=True, kw_only=True):
    """How keys and values of Kafka are read.

    Attributes:
        value_frame: How a Kafka value names its schema. With confluent, its first bytes do (formats
            v0 and v1); with confluent-header, a header does; glue is the frame of AWS Glue; with
            lambda-source, AWS Lambda's event does (EventRecordFormat SOURCE). Unless it is set,
            values are as they come.
        key_frame: How a Kafka key names its schema, as HEADRACE_VALUE_FRAME says it of values.
            Unless it is set, keys are as they come.
        value_schema: The file with the Avro schema that values are read as, which may be older or
            newer than the one that they were written with. Unless it is set, the writer's is used.
        key_schema: The file with the Avro schema that keys are read as. Unless it is set, the
            writer's is used.
    """

    value_frame: Frame | None = None
    key_frame: Frame | None = None
    value_schema: str | None = None
    key_schema: str | None = None


class SchemaSettings(RegistrySettings, frozen=True, kw_only=True):
    """How keys and values are checked before the function sees them.

    Attributes:
        event_record_format: How what was checked by a schema registry comes to the function: as
            JSON, or as it was written, without its frame (SOURCE). Unless it is set, nothing is
            checked.
        schema_validation_attributes: What is checked: KEY, VALUE.
        schema_registry_access: The secrets that sign in to the registry, as TYPE=ARN with the
            types of AccessConfigs. They are read from AWS Secrets Manager, unless the settings
            for user name, token, certificate or credentials file sign in.
    """

    event_record_format: RecordFormat | None = None
    schema_validation_attributes: tuple[Attribute, ...] = ()
    schema_registry_access: dict[str, str] = msgspec.field(default_factory=dict)

    def check_schemas(self) -> None:
        """Refuse what does not go together. Raises SettingsError."""
        for name in self.schema_registry_access:
            if name not in ACCESS:
                told = f"{variable('schema_registry_access')}: choose {', '.join(ACCESS)}"
                raise SettingsError(f"{told}, not {name}")
        if self.event_record_format is None:
            return
        for name in ("schema_registry_url", "schema_validation_attributes"):
            if not getattr(self, name):
                raise SettingsError(f"{variable('event_record_format')} needs {variable(name)}")
