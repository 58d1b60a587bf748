"""What a worker is told about keys and values that follow a schema of a registry."""

from typing import Literal

import msgspec

Frame = Literal["confluent", "confluent-header", "glue", "lambda-source"]
"""How a key or a value names its schema: see `headrace.payloads.frames`."""


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
        key_frame: The same for keys.
        value_schema: The file with the Avro schema that values are read as, which may be older or
            newer than the one that they were written with. Unless it is set, the writer's is used.
        key_schema: The same for keys.
    """

    value_frame: Frame | None = None
    key_frame: Frame | None = None
    value_schema: str | None = None
    key_schema: str | None = None
